"""OpenDocument texts, presentations and spreadsheets (ISO/IEC 26300): their XML to blocks, which become rows.

Other packages enter through `odf_parser`.
"""
