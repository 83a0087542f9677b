"""People of the sample: names of officers and applicants, telephone and identity numbers, all made up.

Names are drawn from common Vietnamese surnames, middle names and given names, in Unicode NFC. Nothing here is
taken from a real person; the numbers lie outside every range in use, so they cannot be anybody's.
"""

from __future__ import annotations

import unicodedata
from functools import lru_cache

import numpy as np
import numpy.typing as npt

MAX_NAME_LETTERS = 40

# Shares of the population in per mille, roughly; only the order of magnitude matters (assumed).
_SURNAMES = {
    "Nguyễn": 330, "Trần": 115, "Lê": 98, "Phạm": 62, "Huỳnh": 58, "Võ": 45, "Phan": 42, "Đặng": 28,
    "Bùi": 26, "Đỗ": 22, "Hồ": 20, "Ngô": 18, "Dương": 16, "Trương": 16, "Lý": 8, "Đinh": 10, "Lâm": 8,
    "Mai": 8, "Đào": 8, "Trịnh": 7, "Lương": 7, "Cao": 7, "Châu": 5, "Tạ": 5, "Thái": 5, "Văn": 4,
    "Hoàng": 12, "Vũ": 10, "Thông": 4, "Tô": 4, "Đoàn": 7, "Hà": 6,
}  # fmt: skip
_MALE_MIDDLE = (
    "Văn", "Hữu", "Đức", "Quang", "Minh", "Thanh", "Xuân", "Công", "Ngọc", "Đình", "Quốc", "Anh", "Trọng",
    "Duy", "Tấn", "Thành", "Bá", "Viết", "Hoàng", "Phước",
)  # fmt: skip
_MALE_GIVEN = (
    "An", "Bảo", "Bình", "Chiến", "Cường", "Dũng", "Đạt", "Điền", "Đông", "Hải", "Hậu", "Hiếu", "Hòa", "Hùng",
    "Huy", "Khánh", "Khoa", "Lâm", "Long", "Lộc", "Mạnh", "Nam", "Nghĩa", "Nhân", "Phong", "Phú", "Phúc",
    "Quân", "Sang", "Sơn", "Tài", "Tâm", "Thắng", "Thịnh", "Thuận", "Tiến", "Toàn", "Trí", "Trung", "Tuấn",
    "Tùng", "Việt", "Vinh", "Vũ",
)  # fmt: skip
_FEMALE_MIDDLE = (
    "Thị", "Thị Ngọc", "Thị Thanh", "Thị Kim", "Thị Thu", "Thị Mỹ", "Thị Bích", "Thị Hồng", "Ngọc", "Thu",
    "Kim", "Mỹ", "Bích", "Thùy", "Phương", "Hoài", "Thanh", "Diệu", "Khánh", "Minh",
)  # fmt: skip
_FEMALE_GIVEN = (
    "Anh", "Châu", "Chi", "Diễm", "Dung", "Duyên", "Giang", "Hà", "Hạnh", "Hằng", "Hiền", "Hoa", "Hương",
    "Huyền", "Lan", "Liên", "Linh", "Loan", "Ly", "Mai", "My", "Nga", "Ngân", "Nhi", "Nhung", "Oanh",
    "Phượng", "Quyên", "Quỳnh", "Tâm", "Thảo", "Thoa", "Thơ", "Thủy", "Trang", "Trâm", "Trinh", "Tuyền",
    "Tuyết", "Uyên", "Vân", "Vy", "Xuân", "Yến",
)  # fmt: skip
_SLOTS = 4096
_PHONE_NUMBERS = 100_000_000
_IDENTITY_NUMBERS = 1_000_000_000


def unique_names(rng: np.random.Generator, count: int) -> list[str]:
    """``count`` different full names. In: the generator to draw from. Out: a list in the order drawn.

    ValueError where more are asked for than there are combinations.
    """
    slots, table = _surname_slots(), _full_names()
    if count > table.size // 2:
        raise ValueError(f"{count} different names are more than the lists of names can give")
    names: dict[str, None] = {}
    while len(names) < count:
        surname_no = slots[rng.integers(0, len(slots), count)]
        rest_no = rng.integers(0, table.shape[1], count)
        names.update(dict.fromkeys(table[surname_no, rest_no]))
    return list(names)[:count]


def applicant_names(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """The name of each applicant. In: applicant numbers (any whole numbers). Out: as many texts, NFC.

    The number alone decides, so an applicant is called the same in every export; two may share a name.
    """
    mixed = _mixed(numbers)
    slots, table = _surname_slots(), _full_names()
    slot_no = (mixed % np.uint64(len(slots))).astype(np.int64)
    rest_no = ((mixed >> np.uint64(20)) % np.uint64(table.shape[1])).astype(np.int64)
    names: npt.NDArray[np.object_] = table[slots[slot_no], rest_no]
    return names


def phone_numbers(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Ten-digit telephone number of each applicant number; 01…, a prefix that is not in use since 2018."""
    return _digits("01", _mixed(numbers) % np.uint64(_PHONE_NUMBERS), 8)


def identity_numbers(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.object_]:
    """Twelve-digit identity number of each applicant number; 000…, as no province has the code 000.

    Different for applicant numbers below a thousand million.
    """
    return _digits("000", np.asarray(numbers).astype(np.uint64) % np.uint64(_IDENTITY_NUMBERS), 9)


def _digits(prefix: str, numbers: npt.NDArray[np.uint64], width: int) -> npt.NDArray[np.object_]:
    if not len(numbers):
        return np.zeros(0, dtype=object)
    texts = np.char.add(prefix, np.char.zfill(numbers.astype("U20"), width))
    return texts.astype(object)


def _mixed(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.uint64]:
    """Spread whole numbers over 64 bits (the finalizer of SplitMix64): neighbours get unlike values."""
    with np.errstate(over="ignore"):
        x = np.asarray(numbers).astype(np.uint64) + np.uint64(0x9E3779B97F4A7C15)
        x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return x ^ (x >> np.uint64(31))


@lru_cache(maxsize=1)
def _surname_slots() -> npt.NDArray[np.int64]:
    """Numbers of surnames, repeated by their share: drawing a slot evenly draws a surname by its weight."""
    weights = np.array(list(_SURNAMES.values()), dtype=float)
    bounds = np.round(np.cumsum(weights) / weights.sum() * _SLOTS).astype(np.int64)
    return np.repeat(np.arange(len(_SURNAMES)), np.diff(bounds, prepend=0))


@lru_cache(maxsize=1)
def _full_names() -> npt.NDArray[np.object_]:
    """Every full name: a row per surname, a column per middle and given name (men's and women's)."""
    pairs = ((_MALE_MIDDLE, _MALE_GIVEN), (_FEMALE_MIDDLE, _FEMALE_GIVEN))
    rests = {
        f"{middle} {given}"
        for middles, givens in pairs
        for middle in middles
        for given in givens
        if middle.split()[-1] != given
    }
    names = [
        [unicodedata.normalize("NFC", f"{first} {rest}") for rest in sorted(rests)] for first in _SURNAMES
    ]
    return np.array(names, dtype=object)
