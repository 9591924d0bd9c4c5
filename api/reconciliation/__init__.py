"""The reconciliation service at /reconcile: others' tables matched to the record's entities.

It follows https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/
"""
