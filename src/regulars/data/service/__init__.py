"""Service tables in: conversations, messages, tickets and surveys, of known exports or any."""

from regulars.data.service.read import read_service as read_service
