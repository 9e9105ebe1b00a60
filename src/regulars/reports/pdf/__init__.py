"""PDF: the report's own HTML set in type, tagged and the same bytes each time, by typst."""

from regulars.reports.pdf.compile import render_pdf as render_pdf
