"""What shops call the fields of an order, and the exports that are known by their columns."""

from collections.abc import Mapping
from dataclasses import dataclass, field

FIELDS = (
    "customer_id",
    "ordered_at",
    "amount",
    "quantity",
    "price",
    "order_id",
    "kind",
    "status",
    "discount",
    "refund",
    "tax",
    "shipping",
    "cost",
    "unit_cost",
    "currency",
    "source",
    "campaign",
    "country",
    "product",
    "description",
    "conversation_id",
)
NEEDED = ("customer_id", "ordered_at", "amount")

# Spellings without case, blanks and punctuation, best first. An e-mail address tells customers
# apart only where nothing better does.
SPELLINGS: dict[str, tuple[str, ...]] = {
    "customer_id": (
        *("customerid", "custid", "customerno", "customernumber", "customernr", "customerkey"),
        *("customerref", "customercode", "customeruserid", "cid", "clientid", "clientno"),
        *("userid", "uid", "buyerid", "memberid", "shopperid", "accountid", "accountnumber"),
        *("contactid", "visitorid", "patronid", "guestid", "customer", "client", "user", "buyer"),
        *("member", "shopper", "account", "householdid", "householdkey", "cardnumber"),
        *("customeremail", "email", "emailaddress", "billingemail", "emailbilling", "useremail"),
        *("customername", "clientname", "buyername"),
        *("kundennummer", "kundennr", "kundenid", "kunde", "numeroclient", "idclient", "clienteid"),
        *("idcliente", "cliente", "klantnummer", "klantid", "klant", "codicecliente"),
    ),
    "ordered_at": (
        *("orderedat", "orderdate", "orderdatetime", "ordertimestamp", "orderts", "ordertime"),
        *("purchasedate", "purchasedat", "purchasetimestamp", "orderpurchasetimestamp"),
        *("transactiondate", "transactiontime", "transactiondatetime", "transactiontimestamp"),
        *("invoicedate", "invoicedatetime", "saledate", "salesdate"),
        *("refundedat", "refunddate", "returnedat", "returndate"),
        *("createdat", "createddate", "createddateutc", "createdutc", "created", "createdon"),
        *("placedat", "paymentdate", "paidat", "datecreated", "dateadded", "date", "datetime"),
        *("timestamp", "ts", "day"),
        *("time", "eventtime", "processedat", "completedat", "bookingdate", "trandate"),
        *("bestelldatum", "kaufdatum", "auftragsdatum", "rechnungsdatum", "datum", "datecommande"),
        *("datedecommande", "fechapedido", "fechadepedido", "fecha", "dataordine", "data"),
        *("besteldatum", "orderdatum"),
    ),
    "amount": (
        *("amount", "netamount", "lineamount", "linetotal", "lineitemtotal", "netrevenue"),
        *("revenue", "netsales", "sales", "salesamount", "saleamount", "netvalue", "totalamount"),
        *("orderamount", "ordertotal", "ordervalue", "grandtotal", "totalprice", "totalvalue"),
        *("refundamount", "refundedamount", "amountrefunded"),
        *("total", "subtotal", "paymentvalue", "paymentamount", "amountpaid", "paid", "spend"),
        *("purchaseamount", "purchasevalue", "transactionamount", "transactionvalue", "value"),
        *("invoicetotal", "invoiceamount", "gross", "grossamount", "turnover", "monetaryvalue"),
        *("sum", "money", "priceamount"),
        *("gesamtbetrag", "bestellwert", "rechnungsbetrag", "nettobetrag", "betrag", "gesamtsumme"),
        *("summe", "umsatz", "montanttotal", "montant", "importetotal", "importe", "importo"),
        *("totaalbedrag", "bedrag", "totaal"),
    ),
    "quantity": (
        "quantity",
        "qty",
        "units",
        "itemsquantity",
        "lineitemquantity",
        "count",
        "menge",
        "anzahl",
        "quantite",
        "cantidad",
        "aantal",
    ),
    "price": (
        "price",
        "unitprice",
        "itemprice",
        "lineitemprice",
        "priceperunit",
        "priceeach",
        "einzelpreis",
        "preis",
        "prixunitaire",
        "prix",
        "precio",
    ),
    "order_id": (
        *("orderid", "orderno", "ordernumber", "ordernr", "orderref", "orderreference"),
        *("invoice", "invoiceno", "invoiceid", "invoicenumber", "transactionid", "transactionno"),
        *("receiptid", "receiptno", "receipt", "saleid", "salesid", "purchaseid", "basketid"),
        *("paymentid", "chargeid", "checkoutid", "bookingid", "ticketid", "order", "id"),
        *("bestellnummer", "bestellnr", "auftragsnummer", "rechnungsnummer", "numerocommande"),
        *("numeropedido", "pedido", "numeroordine", "bestelnummer", "ordernummer"),
    ),
    "kind": (
        *("kind", "ordertype", "transactiontype", "recordtype", "rowtype", "saletype"),
        *("linetype", "eventtype", "documenttype", "doctype", "type"),
    ),
    "status": (
        "bestellstatus",
        "orderstatus",
        "paymentstatus",
        "financialstatus",
        "transactionstatus",
        "status",
    ),
    "discount": ("discount", "discountamount", "totaldiscount", "totaldiscounts", "rebate"),
    "refund": (
        *("refund", "refundamount", "refundedamount", "amountrefunded", "refunded"),
        *("totalrefunded", "refundtotal", "returnedamount", "totalrefund"),
    ),
    "tax": ("tax", "taxes", "taxamount", "totaltax", "vat", "vatamount", "salestax"),
    "shipping": (
        *("shipping", "shippingamount", "shippingcost", "shippingprice", "totalshipping"),
        *("freight", "freightvalue", "deliveryfee", "postage"),
    ),
    "cost": (
        *("cost", "totalcost", "cogs", "costofgoods", "costofgoodssold", "linecost"),
        *("ordercost", "costamount", "costs"),
    ),
    "unit_cost": ("unitcost", "itemcost", "costperunit", "costprice", "purchaseprice"),
    "currency": ("currency", "currencycode", "ordercurrency", "paymentcurrency", "isocurrency"),
    "source": (
        *("source", "acquisitionsource", "utmsource", "trafficsource", "marketingsource"),
        *("ordersource", "leadsource", "referralsource", "attribution", "channel"),
        *("marketingchannel", "acquisitionchannel", "saleschannel", "referrer"),
    ),
    "campaign": (
        *("campaign", "campaignname", "campaignid", "utmcampaign", "sourcecampaign"),
        *("marketingcampaign", "ordercampaign", "kampagne"),
    ),
    "country": (
        *("country", "countrycode", "shippingcountry", "billingcountry", "ordercountry"),
        *("customercountry", "shippingcountrycode", "billingcountrycode", "land", "pays", "pais"),
    ),
    "product": (
        *("product", "productid", "sku", "stockcode", "itemid", "item", "productcode", "itemcode"),
        *("productsku", "lineitemsku", "articleid", "articleno", "asin", "productname"),
        *("itemname", "lineitemname"),
    ),
    "description": ("description", "productdescription", "itemdescription", "title", "memo"),
    "conversation_id": ("conversationid", "chatid", "ticketnumber", "threadid"),
}
# `type` may say what a row is, but as well what kind of shop sold it.
WEAK_KINDS = frozenset({"type", "ordertype", "eventtype", "transactiontype", "documenttype"})


@dataclass(frozen=True)
class Preset:
    """An export that is known by its columns.

    signs: keys that must all be there ("a|b": either). closed: fields not to be guessed.
    whole_orders: amounts belong to the order and count once, on its first line.
    """

    name: str
    title: str
    signs: tuple[str, ...]
    fields: Mapping[str, tuple[str, ...]]
    closed: frozenset[str] = field(default_factory=frozenset)
    whole_orders: bool = False


PRESETS = (
    Preset(
        name="shopify",
        title="a Shopify orders export: net of discount, before tax and shipping",
        signs=("name", "financialstatus|paidat", "lineitemname|lineitemprice", "subtotal|total"),
        fields={
            "order_id": ("name", "id"),
            "customer_id": ("customerid", "email", "phone", "billingname"),
            "ordered_at": ("createdat", "paidat"),
            "amount": ("subtotal", "total"),
            "refund": ("refundedamount",),
            "tax": (),
            "source": ("source",),
            "country": ("shippingcountry", "billingcountry"),
            "status": ("financialstatus",),
            "currency": ("currency",),
            "product": ("lineitemsku", "lineitemname"),
            "description": ("lineitemname",),
        },
        closed=frozenset({"discount", "tax", "shipping", "cost", "quantity", "price", "kind"}),
        whole_orders=True,
    ),
    Preset(
        name="stripe",
        title="a Stripe payments export: amounts as charged, fees not deducted",
        signs=(
            "id",
            "amount",
            "amountrefunded|convertedamountrefunded",
            "createddateutc|createdutc|created",
        ),
        fields={
            "order_id": ("id",),
            "customer_id": ("customerid", "customeremail", "cardfingerprint", "cardid"),
            "ordered_at": ("createddateutc", "createdutc", "created"),
            "amount": ("convertedamount", "amount"),
            "refund": ("convertedamountrefunded", "amountrefunded"),
            "currency": ("convertedcurrency", "currency"),
            "status": ("status",),
            "description": ("description",),
        },
        closed=frozenset({"discount", "tax", "shipping", "cost", "quantity", "price", "kind"}),
    ),
    Preset(
        name="woocommerce",
        title="a WooCommerce orders export: totals as ordered",
        signs=("ordernumber|orderid", "orderstatus", "orderdate|paiddate", "ordertotalamount"),
        fields={
            "order_id": ("ordernumber", "orderid"),
            "customer_id": ("customeruserid", "customerid", "emailbilling", "billingemail"),
            "ordered_at": ("orderdate", "paiddate"),
            "amount": ("ordertotalamount",),
            "refund": ("orderrefundamount",),
            "tax": ("ordertotaltaxamount",),
            "shipping": ("ordershippingamount",),
            "status": (
                "bestellstatus",
                "orderstatus",
            ),
            "currency": ("ordercurrency", "currency"),
            "product": ("sku", "itemname"),
            "description": ("itemname",),
        },
        closed=frozenset({"discount", "cost", "quantity", "price", "kind"}),
        whole_orders=True,
    ),
    Preset(
        name="woocommerce_analytics",
        title="a WooCommerce analytics export: net revenue",
        signs=("order", "nrevenue|netrevenue", "itemssold", "customertype|status"),
        fields={
            "order_id": ("order",),
            "customer_id": ("customerid", "email", "customer"),
            "ordered_at": ("date",),
            "amount": ("nrevenue", "netrevenue"),
            "status": ("status",),
            "source": ("attribution",),
            "product": ("products",),
        },
        closed=frozenset({"discount", "cost", "quantity", "price", "kind"}),
    ),
)
