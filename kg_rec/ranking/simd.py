"""Vector instructions for the kernel, as LLVM code that numba compiles for any machine.

numba turns loops into vector instructions where it can prove that arrays do not overlap; it checks
that before every short loop, and writes sums to memory at each step. Here sums stay in registers.
All functions take ``WIDE`` items at a time and do not look beyond the arrays' ends.
"""

from __future__ import annotations

from functools import reduce

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

__all__ = ["WIDE", "above", "add_columns", "highest", "lowest_bit"]

WIDE = 64
"""Items that are taken at a time."""
_BITS = 512
"""Length of a vector; where the machine has shorter ones, LLVM takes several."""
_INT = ir.IntType(64)


class _Vectors:
    """Writes code that handles ``WIDE`` floats as vectors."""

    def __init__(self, context, builder, floats):
        self.context = context
        self.builder = builder
        self.kind = context.get_value_type(floats)
        self.lanes = _BITS // floats.bitwidth
        self.type = ir.VectorType(self.kind, self.lanes)
        self.bytes = floats.bitwidth // 8
        self.count = WIDE // self.lanes

    def array(self, kind, value):
        """Return an array's structure."""
        return self.context.make_array(kind)(self.context, self.builder, value)

    def load(self, data, start):
        """Return the vectors from a place on."""
        return [self.builder.load(p, align=self.bytes) for p in self._places(data, start)]

    def store(self, vectors, data, start):
        """Write vectors from a place on."""
        for vector, place in zip(vectors, self._places(data, start), strict=True):
            self.builder.store(vector, place, align=self.bytes)

    def _places(self, data, start):
        for n in range(self.count):
            place = self.builder.add(start, _INT(n * self.lanes))
            yield self.builder.bitcast(self.builder.gep(data, [place]), self.type.as_pointer())

    def all(self, number):
        """Return a vector that holds a number everywhere."""
        undefined = ir.Constant(self.type, ir.Undefined)
        one = self.builder.insert_element(undefined, number, ir.IntType(32)(0))
        places = ir.Constant(ir.VectorType(ir.IntType(32), self.lanes), [0] * self.lanes)
        return self.builder.shuffle_vector(one, undefined, places)

    def constant(self, number):
        """Return vectors that hold a constant everywhere."""
        return [ir.Constant(self.type, [number] * self.lanes)] * self.count

    def loop(self, first, last, begin, step):
        """Return what vectors become when a step takes them through ``range(first, last)``."""
        builder = self.builder
        entry = builder.block
        body, done = (builder.append_basic_block(name) for name in ("body", "done"))
        builder.cbranch(builder.icmp_signed("<", first, last), body, done)
        builder.position_at_end(body)
        number = builder.phi(_INT)
        state = [builder.phi(self.type) for _ in begin]
        after = step(number, state)
        following = builder.add(number, _INT(1))
        ended = builder.block
        builder.cbranch(builder.icmp_signed("<", following, last), body, done)
        for phi, start, end in zip(
            [number, *state], [first, *begin], [following, *after], strict=True
        ):
            phi.add_incoming(start, entry)
            phi.add_incoming(end, ended)
        builder.position_at_end(done)
        result = [builder.phi(self.type) for _ in begin]
        for phi, start, end in zip(result, begin, after, strict=True):
            phi.add_incoming(start, entry)
            phi.add_incoming(end, ended)
        return result


@intrinsic
def add_columns(_, scores, at, columns, weights, first, last, dense):
    """Set ``scores[at : at + WIDE]`` to ``Σ weights[n] · dense[columns[n]]``, n from first to last.

    ``columns`` is uint32, ``dense`` (columns × WIDE).
    """

    def generate(context, builder, signature, values):
        kinds = signature.args
        vectors = _Vectors(context, builder, kinds[0].dtype)
        data = {n: vectors.array(kinds[n], values[n]).data for n in (0, 2, 3, 6)}

        def step(number, sums):
            column = builder.zext(builder.load(builder.gep(data[2], [number])), _INT)
            weight = vectors.all(builder.load(builder.gep(data[3], [number])))
            cells = vectors.load(data[6], builder.mul(column, _INT(WIDE)))
            fused = ("contract",)
            parts = [builder.fmul(weight, cell, flags=fused) for cell in cells]
            return [builder.fadd(a, b, flags=fused) for a, b in zip(sums, parts, strict=True)]

        sums = vectors.loop(values[4], values[5], vectors.constant(0.0), step)
        vectors.store(sums, data[0], values[1])
        return context.get_dummy_value()

    integers = (types.int64, columns, weights, types.int64, types.int64)
    return types.void(scores, *integers, dense), generate


@intrinsic
def above(_, scores, at, floor):
    """Return a uint64 whose bit n tells whether ``scores[at + n] > floor``."""

    def generate(context, builder, signature, values):
        vectors = _Vectors(context, builder, signature.args[0].dtype)
        cells = vectors.load(vectors.array(signature.args[0], values[0]).data, values[1])
        limit, narrow = vectors.all(values[2]), ir.IntType(vectors.lanes)
        bits = (builder.bitcast(builder.fcmp_ordered(">", c, limit), narrow) for c in cells)
        wide = (builder.zext(b, _INT) for b in bits)
        placed = (builder.shl(b, _INT(n * vectors.lanes)) for n, b in enumerate(wide))
        return reduce(builder.or_, placed)

    return types.uint64(scores, types.int64, scores.dtype), generate


@intrinsic
def highest(_, scores, count, out):
    """Set ``out[n]`` to the largest of ``scores[n::WIDE]``, of ``count`` times WIDE scores."""

    def generate(context, builder, signature, values):
        vectors = _Vectors(context, builder, signature.args[0].dtype)
        data, to = (vectors.array(signature.args[n], values[n]).data for n in (0, 2))

        def step(number, most):
            cells = vectors.load(data, builder.mul(number, _INT(WIDE)))
            pairs = zip(cells, most, strict=True)
            return [builder.select(builder.fcmp_ordered(">", a, b), a, b) for a, b in pairs]

        lowest = vectors.constant(float("-inf"))
        vectors.store(vectors.loop(_INT(0), values[1], lowest, step), to, _INT(0))
        return context.get_dummy_value()

    return types.void(scores, types.int64, out), generate


@intrinsic
def lowest_bit(_, bits):
    """Return the number of the lowest bit that is set; 64 if none is."""

    def generate(_context, builder, _signature, values):
        return builder.cttz(values[0], ir.IntType(1)(0))

    return types.uint64(types.uint64), generate
