"""The only floor that knows the engine: files and tables in, checked orders and summaries out."""

from regulars.data.audit import Audit as Audit
from regulars.data.audit import lacking as lacking
from regulars.data.chances import count_chances as count_chances
from regulars.data.cohorts import Weekly as Weekly
from regulars.data.cohorts import cohort_table as cohort_table
from regulars.data.cohorts import weekly_orders as weekly_orders
from regulars.data.features import OrderDays as OrderDays
from regulars.data.features import order_days as order_days
from regulars.data.orders import Orders as Orders
from regulars.data.orders import read_orders as read_orders
from regulars.data.rejects import write_rejected as write_rejected
from regulars.data.scores import print_csv as print_csv
from regulars.data.scores import to_table as to_table
from regulars.data.scores import whole_file as whole_file
from regulars.data.scores import write_csv as write_csv
from regulars.data.scores import write_parquet as write_parquet
from regulars.data.simulate import Shop as Shop
from regulars.data.simulate import simulate_orders as simulate_orders
from regulars.data.split import Holdout as Holdout
from regulars.data.split import repeat_orders_between as repeat_orders_between
from regulars.data.summary import Customers as Customers
from regulars.data.summary import customer_table as customer_table
from regulars.data.summary import grouped as grouped
from regulars.data.summary import summarise as summarise
