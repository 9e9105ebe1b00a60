"""Service tables in: conversations, messages, tickets and surveys, of known exports or any."""

from regulars.data.service.calendar import days_of as days_of
from regulars.data.service.calendar import months_of as months_of
from regulars.data.service.costs import conversation_costs as conversation_costs
from regulars.data.service.costs import ended as ended
from regulars.data.service.costs import has_costs as has_costs
from regulars.data.service.costs import service_costs as service_costs
from regulars.data.service.cut import up_to as up_to
from regulars.data.service.purchases import Purchases as Purchases
from regulars.data.service.purchases import order_moments as order_moments
from regulars.data.service.purchases import purchases_of as purchases_of
from regulars.data.service.read import read_service as read_service
