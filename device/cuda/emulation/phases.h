// Barriers of phases in shared memory, and those of some threads that have a name. A phase that never ends is reported with
// what it still waits for.
#pragma once

namespace attnc {

using Barriers = Shared<unsigned long long>;

namespace emulation {

inline int number_of(const Barriers& barriers, int index) {
  const int number = phase_numbers[barriers.check(index, 1) / 8];
  if (number == 0) fail("a barrier that nobody has opened");
  return number;
}

inline void wait_for_phase(int number, unsigned until, const char* in) {
  if (phase_states[number].phase.ended < until) wait_for(phase_states[number].phase, until, in);
  learn(known_by[block.current], phase_states[number].passed_on);
}

}  // namespace emulation

inline void phase_open(const Barriers& barriers, int index, int arrivals) {
  using namespace emulation;
  unsigned char& number = phase_numbers[barriers.check(index, 1) / 8];
  if (number != 0) fail("a barrier that is opened twice");
  if (++opened_phases == MOST_PHASES - NAMED_PHASES) fail("more barriers than the emulation has room for");
  number = static_cast<unsigned char>(opened_phases);
  phase_states[number].phase = {arrivals, arrivals, 0, 0};
  knows_phases = true;
}
inline void phases_ready() {}

inline void phase_arrive(const Barriers& barriers, int index) {
  const int number = emulation::number_of(barriers, index);
  emulation::arrive_at(number);
  emulation::end_if_complete(number);
}

inline void phase_expect(const Barriers& barriers, int index, int bytes) {
  const int number = emulation::number_of(barriers, index);
  emulation::phase_states[number].phase.bytes += bytes;
  emulation::arrive_at(number);
  emulation::end_if_complete(number);
}

/// The phase that runs has the parity of those that have ended: the other parity is that of the one before.
inline void phase_wait(const Barriers& barriers, int index, unsigned parity) {
  const int number = emulation::number_of(barriers, index);
  const unsigned ended = emulation::phase_states[number].phase.ended;
  emulation::wait_for_phase(number, ended % 2 == parity ? ended + 1 : ended, "phase_wait");
}

namespace emulation {

/// The running thread comes to a barrier with a name; gives its number.
inline int come_to(int name, int count) {
  if (name < 1 || name >= NAMED_PHASES) fail("a barrier has a name from 1 to 15");
  if (count % WARP != 0) fail("a barrier of some threads is one of whole warps");
  const int number = MOST_PHASES - NAMED_PHASES + name;
  Phase& phase = phase_states[number].phase;
  if (phase.missing == phase.arrivals) phase.arrivals = phase.missing = count;
  if (phase.arrivals != count) fail("a barrier of some threads that do not agree how many they are");
  // A device counts whoever comes twice, and lets others go that it should not.
  if (came_to[name][block.current] > phase.ended) fail("a thread comes twice to a barrier that others have not come to");
  came_to[name][block.current] = phase.ended + 1;
  knows_phases = true;
  arrive_at(number);
  end_if_complete(number);
  return number;
}

/// Nobody may end while others still wait to be joined.
inline void demand_all_came() {
  for (int number = MOST_PHASES - NAMED_PHASES + 1; number < MOST_PHASES; number++) {
    const Phase& phase = phase_states[number].phase;
    if (phase.missing != phase.arrivals) fail("the block ends, and to a barrier of some threads not all have come");
  }
}

}  // namespace emulation

inline void some_barrier(int name, int count) {
  const int number = emulation::come_to(name, count);
  emulation::wait_for_phase(number, emulation::came_to[name][emulation::block.current], "some_barrier");
}
inline void some_arrive(int name, int count) { emulation::come_to(name, count); }

inline void tiles_fence() { emulation::known_by[emulation::block.current].fences++; emulation::knows_phases = true; }

namespace emulation {

/// Registers of a multiprocessor that no warp has, and those of a thread of each warp.
inline int free_registers, registers_of[MOST_THREADS / WARP];

/// As a launch gives them: as many to each thread as there are, in eights.
inline void open_registers() {
  const int each = block.threads > 0 ? 65536 / block.threads / 8 * 8 : 0;
  for (int warp = 0; warp < block.threads / WARP; warp++) registers_of[warp] = each < 255 ? each : 255;
  free_registers = 0;
}

/// A warp at a time: whoever gives or takes for it.
inline void set_registers(int wanted, bool more, const char* in) {
  wait(Wait::warp, in);
  int& own = registers_of[block.current / WARP];
  if (block.current % WARP != 0) return;
  if (wanted % 8 != 0 || wanted < 24 || wanted > 256) fail("registers of a thread are given in eights, from 24 to 256");
  if (more ? wanted < own : wanted > own) fail("a warp asks for fewer registers as more, or for more as fewer");
  free_registers -= (wanted - own) * WARP;
  own = wanted;
}

/// Nobody may end with registers that were never there.
inline void demand_registers() {
  if (free_registers < 0) fail("warps ask for more registers than there are");
}

}  // namespace emulation

template <int REGISTERS>
void fewer_registers() {
  emulation::set_registers(REGISTERS, false, "fewer_registers");
}
template <int REGISTERS>
void more_registers() {
  emulation::set_registers(REGISTERS, true, "more_registers");
}

}  // namespace attnc
