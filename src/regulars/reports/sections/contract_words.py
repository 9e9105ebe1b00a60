"""What the words of the page on subscriptions mean."""

from __future__ import annotations

DEFINITIONS = (
    (
        "expected-value",
        "Expected value",
        "Charges still to come within the horizon from customers who pay at the data date, each "
        "times the chance that it is made, discounted to the data date. At today's plan and price.",
    ),
    ("lifetime-value", "Lifetime value", "Charges due so far plus the expected value."),
    (
        "mrr",
        "Monthly recurring revenue",
        "What all running subscriptions charge a month; plans billed by the year or the week are "
        "divided to months of the calendar year.",
    ),
    (
        "churn",
        "Churn",
        "Share of customers of the opening who left within the month. Per renewal: share of those "
        "due for renewal who did not go on.",
    ),
    (
        "gross-retention",
        "Gross revenue retention",
        "What the customers of the month's opening still bring at its closing, over what they "
        "brought, growth not counted.",
    ),
    (
        "net-retention",
        "Net revenue retention",
        "The same with growth counted: above 100% the base grows without a new customer.",
    ),
    (
        "expected-lifetime",
        "Expected lifetime",
        "How much longer a contract is expected to be paid, counted up to ten years.",
    ),
    (
        "new-customer",
        "New customer",
        "Value of somebody who pays for the first time today: the first charge and the discounted "
        "expected ones within the horizon.",
    ),
    (
        "formula",
        "Textbook formula",
        "Monthly revenue of a customer divided by monthly churn. It takes churn to be the same for "
        "all at every age, looks ahead without end and does not discount.",
    ),
    (
        "interval",
        "Interval",
        "The range in which the number lies with the coverage named: the uncertainty of the model, "
        "which all customers share, and the chance of each of them. Shocks to the whole market "
        "are not in it.",
    ),
    (
        "conversion",
        "Conversion",
        "Trials that were paid for, at the latest the grace after their end, over trials that are "
        "decided; with Wilson's interval.",
    ),
)
