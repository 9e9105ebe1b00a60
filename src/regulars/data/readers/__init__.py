"""Readers: one file per kind of source, all returning the same `RawTable`."""

from regulars.data.readers.base import RawTable as RawTable
