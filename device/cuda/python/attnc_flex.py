"""What the mask and score of an attention need beside FlexAttention: its operations, on tensors and on plain numbers alike.
Ints wrap at 32 bits where they are multiplied; a division by zero gives 0."""

import math

try:
    import torch
except ImportError:  # The functions work on plain numbers without it.
    torch = None


def is_tensor(value):
    return torch is not None and isinstance(value, torch.Tensor)


class Call:
    """Lengths, parameters and captured tensors of a call by the names that the functions know."""

    def __init__(self, **fields):
        self.__dict__.update(fields)


def choose(condition, yes, no):
    return torch.where(condition, yes, no) if is_tensor(condition) else (yes if condition else no)


def apply(on_tensor, on_number):
    """A function of one number, in both worlds."""
    return lambda value: on_tensor(value) if is_tensor(value) else on_number(value)


def total(function, otherwise):
    """The function, and something else where it is not defined."""

    def guarded(value):
        try:
            return function(value)
        except (ValueError, OverflowError):
            return otherwise(value)

    return guarded


def to_int64(value):
    return value.to(torch.int64) if is_tensor(value) else value


def wrap(value):
    return ((to_int64(value) + 2**31) & 0xFFFFFFFF) - 2**31


def multiply(left, right):
    return wrap(to_int64(left) * right)


def divide(left, right):
    safe = choose(right == 0, right + 1, right)
    return choose(right == 0, left * 0.0, left / safe)


def floor_div(left, right):
    safe = choose(right == 0, right + 1, right)
    return choose(right == 0, left * 0, left // safe)


def floor_mod(left, right):
    return choose(right == 0, left * 0, left - right * floor_div(left, right))


def minimum(left, right):
    return choose(left < right, left, right)


def maximum(left, right):
    return choose(left > right, left, right)


def sign(value):
    return torch.sign(value) if is_tensor(value) else (value > 0) - (value < 0)


def logical_not(value):
    return torch.logical_not(value) if is_tensor(value) else not value


def shift_left(value, count):
    return wrap(to_int64(value) << (count & 31))


def shift_right(value, count):
    return value >> (count & 31)


def to_float(value):
    return value.to(torch.float32) if is_tensor(value) else float(value)


def to_int(value):
    if is_tensor(value):
        return torch.nan_to_num(value, nan=0.0).clamp(-(2.0**31), 2.0**31 - 1).to(torch.int64)
    return 0 if math.isnan(value) else int(max(-(2**31), min(2**31 - 1, value)))


def power(base, exponent):
    return base**exponent


def random_hash(value):
    value = to_int64(value) & 0xFFFFFFFF
    value = ((value ^ (value >> 16)) * 0x7FEB352D) & 0xFFFFFFFF
    value = ((value ^ (value >> 15)) * 0x846CA68B) & 0xFFFFFFFF
    return wrap(value ^ (value >> 16))


def random_seed(seed):
    return random_hash(to_int64(seed) + 0x9E3779B9)


def random_mix(state, index):
    # Of the product only the lower 32 bits count, and 64 bits hold it.
    return random_hash((((to_int64(state) ^ index) & 0xFFFFFFFF) * 0x85EBCA6B & 0xFFFFFFFF) + 0x9E3779B9)


def random_unit(state):
    return to_float((to_int64(state) & 0xFFFFFFFF) >> 8) * 2.0**-24


def read(tensor, index):
    """An element as the language computes with it: halves are floats, and a byte is an int."""
    element = tensor[index]
    if not is_tensor(element):
        return element
    return element.float() if element.is_floating_point() else element.to(torch.int32)


def clamp_index(index, size):
    return maximum(minimum(index, size - 1), 0)


negative_infinity = -math.inf
exp = apply(lambda x: torch.exp(x), total(math.exp, lambda x: math.inf))
exp2 = apply(lambda x: torch.exp2(x), total(lambda x: 2.0**x, lambda x: math.inf))
log = apply(lambda x: torch.log(x), total(math.log, lambda x: -math.inf if x == 0 else math.nan))
log2 = apply(lambda x: torch.log2(x), total(math.log2, lambda x: -math.inf if x == 0 else math.nan))
sqrt = apply(lambda x: torch.sqrt(x), total(math.sqrt, lambda x: math.nan))
tanh = apply(lambda x: torch.tanh(x), math.tanh)
sin = apply(lambda x: torch.sin(x), total(math.sin, lambda x: math.nan))
cos = apply(lambda x: torch.cos(x), total(math.cos, lambda x: math.nan))
floor = apply(lambda x: to_int(torch.floor(x)), total(lambda x: to_int(math.floor(x)), to_int))
ceil = apply(lambda x: to_int(torch.ceil(x)), total(lambda x: to_int(math.ceil(x)), to_int))
nearest = apply(lambda x: to_int(torch.round(x)), total(lambda x: to_int(round(x)), to_int))


def reciprocal_root(value):
    return divide(1.0, sqrt(value))


def sigmoid(value):
    return divide(1.0, 1.0 + exp(-value))
