"""Exports of known products: one file each, all described by the same `Export`."""

from regulars.data.service.products.base import Export as Export
from regulars.data.service.products.chatwoot import CHATWOOT
from regulars.data.service.products.intercom import INTERCOM
from regulars.data.service.products.liveagent import LIVEAGENT
from regulars.data.service.products.zendesk import ZENDESK

EXPORTS = (*CHATWOOT, *INTERCOM, *ZENDESK, *LIVEAGENT)
