"""Makes `fixtures/parts.parquet`, which the tests of tables read: `python make-parquet.py` with pyarrow 15 or newer.

Three columns of plain values, dates, a decimal, a struct and a list, in two row groups, compressed with Snappy;
`parts.zstd.parquet` is the same with Zstandard and dictionaries.
"""

import datetime
import decimal
import pathlib

import pyarrow as pa
import pyarrow.parquet as pq

folder = pathlib.Path(__file__).parent / "fixtures"
count = 60
table = pa.table(
    {
        "name": [f"Bolt M{index}" for index in range(count)],
        "price": pa.array([None if index == 3 else index * 2.5 for index in range(count)], pa.float64()),
        "stock": pa.array(range(count), pa.int64()),
        "active": [index % 2 == 0 for index in range(count)],
        "since": pa.array([datetime.date(2026, 1, 1) + datetime.timedelta(days=index) for index in range(count)]),
        "seen": pa.array([datetime.datetime(2026, 1, 1, 12, index) for index in range(count)], pa.timestamp("ms")),
        "weight": pa.array([decimal.Decimal(index) / 4 for index in range(count)], pa.decimal128(10, 2)),
        "size": [{"width": index, "unit": "mm"} for index in range(count)],
        "tags": [["a", "b"] if index == 0 else [] for index in range(count)],
        "picture": [b"\x00\xff"] * count,
    }
)
pq.write_table(table, folder / "parts.parquet", row_group_size=40, compression="snappy")
pq.write_table(table.select(["name", "price"]), folder / "parts.zstd.parquet", compression="zstd")
