"""Functions whose value depends on their arguments alone: the same for the same values, in any row and run."""

from __future__ import annotations

_NUMBERS = """
Pow Abs Cbrt Ceil Exp Floor Ln Log Negative Pi Rint Round Sign Sqrt Trunc Acos Acosh Asin Asinh Atan
Atanh Atan2 Cos Cosh Cot Coth Degrees Radians Sin Sinh Tan Tanh Factorial IsInf IsNan SafeDivide
WidthBucket Greatest Least Mod IntDiv BitwiseAnd BitwiseOr BitwiseXor BitwiseNot BitwiseLeftShift
BitwiseRightShift BitwiseCount
"""
_TEXTS = """
Ascii BitLength ByteLength Chr Concat ConcatWs Contains EndsWith StartsWith Initcap Left Length
Levenshtein Lower Upper Normalize Overlay Pad Repeat Replace Reverse Right RtrimmedLength Soundex
Space Split SplitPart StrPosition Stuff Substring SubstringIndex Translate Trim Unicode Hex Unhex
LowerHex MD5 SHA SHA2 ToBase64 FromBase64 DPipe Like ILike Glob SimilarTo RegexpLike RegexpILike
RegexpCount RegexpExtract RegexpInstr RegexpReplace RegexpSubstr Collate
"""
_DATES = """
AddMonths DateAdd DateDiff DateSub DatetimeAdd DatetimeDiff DatetimeSub MonthsBetween TimeAdd
TimeDiff TimeSub TimestampAdd TimestampDiff TimestampSub TsOrDsAdd TsOrDsDiff DatetimeTrunc
DateTrunc TimestampTrunc TimeTrunc Day DayOfMonth DayOfWeek DayOfWeekIso DayOfYear Dayname Extract
Hour Minute Month Monthname Quarter Second ToDays Week WeekOfYear Year YearOfWeek YearOfWeekIso Date
DateFromParts Datetime LastDay NextDay PreviousDay Time TimeFromParts Timestamp TimestampFromParts
DateStrToDate DateToDateStr DateToDi DiToDate StrToDate StrToTime TimeStrToDate TimeStrToTime
TimeToStr TimeToTimeStr TsOrDiToDi TsOrDsToDate TsOrDsToDateStr TsOrDsToDatetime TsOrDsToTime
TsOrDsToTimestamp UnixDate UnixSeconds UnixMillis UnixMicros Interval
"""
_OTHERS = """
ToChar ToNumber ToDouble ToBinary ToBoolean NumberToStr EqualNull Nvl2 Array ArraySize ArrayContains
JSONExtract JSONExtractScalar JSONBExtract JSONBExtractScalar ParseJSON Struct
"""
DETERMINISTIC = frozenset(f"{_NUMBERS}{_TEXTS}{_DATES}{_OTHERS}".split())
"""Names of sqlglot's classes."""
