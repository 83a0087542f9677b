"""A small home across 1 July 2025: two departments merged into one of another province, a district split into
communes, a code closed and given anew. The middle of the quarter 15 June to 14 September."""

from __future__ import annotations

from tests.integration.small import UNITS_INPUT

MAP = (
    """
source: register
extract:
  mode: delta
  at: {path: '(\\d{4}-\\d{2}-\\d{2})', formats: [iso]}
inputs:
"""
    + UNITS_INPUT
    + """\
  - name: successions
    files: "successions-*.csv"
    format: csv
    records:
      - kind: unit_successions
        columns:
          old_unit_code: old
          new_unit_code: new
          succeeded_on: {header: from, formats: [iso]}
          share: share
          is_default: default
          legal_source: basis
  - name: dossiers
    files: "dossiers-*.csv"
    format: csv
    records:
      - kind: dossiers
        columns:
          dossier_code: code
          unit_code: unit
          unit_name: unit_name
          receiving_unit_code: receiving
          received_at: {header: received, formats: [iso]}
          due_at: {header: due, formats: [iso]}
          finished_at: {header: finished, formats: [iso]}
          field_code: {constant: land}
          officer: {header: officer, is_pseudonym: true}
  - name: letters
    files: "letters-*.csv"
    format: csv
    records:
      - kind: documents
        key: [unit_code, direction, register_year, register_no]
        columns:
          unit_code: unit
          direction: {constant: in}
          register_year: {constant: "2025"}
          register_no: no
          registered_on: {header: day, formats: [iso]}
          main_officer: {header: officer, is_pseudonym: true}
  - name: posts
    files: "posts-*.csv"
    format: csv
    records:
      - kind: posts
        columns:
          unit_code: unit
          year: year
          posts_assigned: assigned
          posts_filled: filled
  - name: targets
    files: "targets-*.csv"
    format: csv
    records:
      - kind: targets
        columns:
          indicator_code: {constant: OT_06}
          unit_code: unit
          field_code: {constant: land}
          procedure_level: {constant: all}
          period: period
          value: value
"""
)

UNITS = """\
code,name,parent,from,to
H11,UBND tỉnh Bình Thuận,,,2025-06-30
H36,UBND tỉnh Lâm Đồng,,,
000.00.13.H11,Sở Tài nguyên và Môi trường,H11,,2025-06-30
000.00.14.H11,Sở Nông nghiệp và Phát triển nông thôn,H11,,2025-06-30
000.00.13.H36,Sở Giao thông vận tải,H36,,2025-06-30
H36.13,Sở Dân tộc và Tôn giáo,H36,2025-07-01,
H36.45,Sở Nông nghiệp và Môi trường,H36,2025-07-01,
000.00.21.H11,Ủy ban nhân dân thành phố Phan Thiết,H11,,2025-06-30
H36.100,Uỷ ban nhân dân phường Phan Thiết,H36,2025-07-01,
H36.101,Uỷ ban nhân dân phường Mũi Né,H36,2025-07-01,
"""

SUCCESSIONS = """\
old,new,from,share,default,basis
H11,H36,2025-07-01,1,1,Nghị quyết 202/2025/QH15
H11.13,H36.45,2025-07-01,1,1,Nghị quyết 202/2025/QH15
H11.14,H36.45,2025-07-01,1,1,Nghị quyết 202/2025/QH15
H36.13,H36.45,2025-07-01,1,1,Nghị quyết 202/2025/QH15
000.00.21.H11,H36.100,2025-07-01,0.6,1,Nghị quyết 203/2025/QH15
000.00.21.H11,H36.101,2025-07-01,0.4,0,Nghị quyết 203/2025/QH15
"""

# before the change: the old order of codes, once a name alone
JUNE = """\
code,unit,unit_name,receiving,received,due,finished,officer
A-1,000.00.13.H11,,000.00.13.H11,2025-06-10 08:00,2025-06-25 17:00,2025-06-20 10:00,CB-01
A-2,000.00.13.H11,,000.00.13.H11,2025-06-20 08:00,2025-07-10 17:00,,CB-01
A-3,000.00.21.H11,,,2025-06-20 08:00,2025-07-10 17:00,,CB-02
A-4,000.00.21.H11,,,2025-06-20 08:00,2025-07-10 17:00,,CB-02
A-5,000.00.13.H36,,,2025-06-12 08:00,2025-06-30 17:00,2025-06-30 10:00,CB-03
A-8,,SỞ TÀI NGUYÊN VÀ  MÔI TRƯỜNG,,2025-06-18 08:00,2025-07-04 17:00,,CB-01
A-9,H11.14,,,2025-06-18 08:00,2025-07-04 17:00,,CB-04
"""

# after it: A-3 goes on at Mũi Né, which is not the default; the new order; the code H36.13 has a new bearer
SEPTEMBER = """\
code,unit,unit_name,receiving,received,due,finished,officer
A-2,H11.13,,H11.13,2025-06-20 08:00,2025-07-10 17:00,2025-07-14 10:00,CB-01
A-3,H36.101,,,2025-06-20 08:00,2025-07-10 17:00,,CB-02
A-6,H36.13,,,2025-07-10 08:00,2025-07-20 17:00,,CB-03
A-7,H36.45,,,2025-07-15 08:00,2025-08-20 17:00,2025-08-01 09:00,CB-01
A-9,H11.14,,,2025-06-18 08:00,2025-07-04 17:00,2025-07-03 17:00,CB-04
"""

LETTERS_JUNE = """\
unit,no,day,officer
000.00.13.H11,1,2025-06-16,CB-01
000.00.13.H11,2,2025-06-30,CB-01
000.00.13.H36,1,2025-06-30,CB-03
000.00.21.H11,1,2025-06-30,CB-02
"""

# the register is written out whole, its codes in the new order
LETTERS_SEPTEMBER = """\
unit,no,day,officer
H11.13,1,2025-06-16,CB-01
H11.13,2,2025-06-30,CB-01
H36.45,1,2025-07-01,CB-01
H36.13,2,2025-07-02,CB-03
"""

# posts of the end of each year; the list of 2025 still names a department that ended
POSTS = """\
unit,year,assigned,filled
000.00.13.H11,2024,12,10
000.00.14.H11,2024,9,9
000.00.21.H11,2024,10,5
H36.45,2025,30,24
000.00.14.H11,2025,1,0
"""

TARGETS = """\
unit,period,value
000.00.13.H11,2025,0.98
000.00.14.H11,2025,0.90
000.00.21.H11,2025,0.95
H36.101,2025Q3,0.99
"""

FILES = {
    "units-2025-07-01.csv": UNITS,
    "successions-2025-07-01.csv": SUCCESSIONS,
    "dossiers-2025-06-30.csv": JUNE,
    "dossiers-2025-09-30.csv": SEPTEMBER,
    "letters-2025-06-30.csv": LETTERS_JUNE,
    "letters-2025-09-30.csv": LETTERS_SEPTEMBER,
    "posts-2025-09-30.csv": POSTS,
    "targets-2025-09-30.csv": TARGETS,
}
