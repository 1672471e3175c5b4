// Where a call's rows lie, and what is asked of one of them. `Call` is the record of any attention.
#pragma once

namespace attnc {

/// Keys of the batch that are alive.
template <class Call>
ATTNC_FUNCTION int keys_of(const Call& call, int batch) {
  if (!call.key_lengths) return call.keys;
  return maximum(minimum(read(call.key_lengths, batch), call.keys), 0);
}

/// Place of a row in [BATCH][HEADS][QUERIES].
template <class Call>
ATTNC_FUNCTION long long row_index(const Call& call, int batch, int head, int row) {
  return (static_cast<long long>(batch) * call.heads + head) * call.queries + row;
}

/// Where a query row lies.
template <class Element, class Call>
ATTNC_FUNCTION const Element* query_row(const Call& call, int batch, int head, int row) {
  return static_cast<const Element*>(call.query) + batch * call.query_strides[0] + head * call.query_strides[1] +
      row * call.query_strides[2];
}

/// The square of a row's length.
template <class Element>
ATTNC_FUNCTION float squared_norm(const Element* row, int width) {
  const Global<const Element> source(row);
  float sum = 0.0f;
  for (int d = 0; d < width; d++) sum += widen(source[d]) * widen(source[d]);
  return sum;
}

}  // namespace attnc
