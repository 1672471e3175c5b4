// What a thread knows of others by way of phases: whoever arrives passes on what it has done and what it knows, and whoever
// has waited for the phase knows it too. Barriers of a block or a warp need none of this: they count epochs.
#pragma once

namespace attnc {
namespace emulation {

/// Barriers in shared memory, and after them those that have names.
constexpr int MOST_PHASES = 64, NAMED_PHASES = 16;

struct Known {
  /// Arrivals of the thread itself, and its fences for tiles.
  unsigned serial, fences;
  /// By barrier: phases that have ended.
  unsigned phases[MOST_PHASES];
  /// Ordered before: what a warp did in earlier epochs than this, and a thread before so many arrivals.
  unsigned warps[MOST_THREADS / WARP], threads[MOST_THREADS];
};
inline Known known_by[MOST_THREADS];

/// A barrier passes on what those know that arrive: of the phase that runs, and of all that have ended.
struct PhaseState {
  Phase phase;
  Known arriving, passed_on;
};
inline PhaseState phase_states[MOST_PHASES];
inline int opened_phases;
/// Of barriers with names: up to which phase each thread has come.
inline unsigned came_to[NAMED_PHASES][MOST_THREADS];
/// Numbers of barriers by the words of shared memory that they are; 0 for none.
inline unsigned char phase_numbers[232448 / 8];
inline bool knows_phases;

inline void learn(Known& to, const Known& from) {
  for (int index = 0; index < MOST_PHASES; index++) {
    if (from.phases[index] > to.phases[index]) to.phases[index] = from.phases[index];
  }
  for (int warp = 0; warp < block.threads / WARP; warp++) {
    if (from.warps[warp] > to.warps[warp]) to.warps[warp] = from.warps[warp];
  }
  for (int thread = 0; thread < block.threads; thread++) {
    if (from.threads[thread] > to.threads[thread]) to.threads[thread] = from.threads[thread];
  }
}

/// The running thread's part of a phase; the last one ends it.
inline void end_if_complete(int number) {
  PhaseState& state = phase_states[number];
  if (state.phase.missing > 0 || state.phase.bytes != 0) return;
  state.phase.ended++;
  state.phase.missing = state.phase.arrivals;
  state.arriving.phases[number] = state.phase.ended;
  learn(state.passed_on, state.arriving);
}

inline void arrive_at(int number) {
  PhaseState& state = phase_states[number];
  Known& own = known_by[block.current];
  const int warp = block.current / WARP;
  if (state.phase.missing == 0) fail("more threads arrive at a phase than it waits for");
  own.threads[block.current] = ++own.serial;
  if (block.warp_epoch[warp] > own.warps[warp]) own.warps[warp] = block.warp_epoch[warp];
  learn(state.arriving, own);
  state.phase.missing--;
}

/// Between blocks nothing is known, and nothing needs to be: numbers go on from where they are.
inline void forget_all() {
  if (!knows_phases) return;
  memset(known_by, 0, block.threads * sizeof(Known));
  memset(phase_states, 0, sizeof phase_states);
  memset(phase_numbers, 0, sizeof phase_numbers);
  memset(came_to, 0, sizeof came_to);
  opened_phases = 0;
  knows_phases = false;
}

}  // namespace emulation
}  // namespace attnc
