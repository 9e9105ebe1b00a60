"""The only floor that knows the engine: files and tables in, checked orders and summaries out."""

from regulars.data.audit import Audit as Audit
from regulars.data.orders import Orders as Orders
from regulars.data.orders import read_orders as read_orders
from regulars.data.summary import summarise as summarise
