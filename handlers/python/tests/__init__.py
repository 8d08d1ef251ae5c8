"""Tests of the shed's functions in Python: `python3 -m unittest discover --top-level-directory . tests`.

They need no packages, because boto3 is replaced. The tests of the contract show what it sends.
"""

import os
import sys
from pathlib import Path

from tests import fake_boto3

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "src"))
os.environ["BACKEND_TABLE_NAME"] = "the-table"
os.environ["ALLOW_ORIGIN"] = "https://shed.example"
fake_boto3.install()
