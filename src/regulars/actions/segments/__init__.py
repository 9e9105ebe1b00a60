"""Customers in groups: RFM, value tiers, lifecycle stage, value at risk and personas."""
