package io.limiter.jmh.load.wire;

import io.limiter.jmh.load.traffic.Prototype;
import io.limiter.jmh.load.traffic.Traffic;

/** Writes the questions of the next call. For one slot: not thread-safe. */
final class Writer {
  private final Traffic traffic;
  private final Prototype open;
  private final Prototype usedUp;
  private final int questions;

  /**
   * @param open a question that is to be admitted
   * @param usedUp one that is to be denied
   * @param questions how many there are in each call
   */
  Writer(Traffic traffic, Prototype open, Prototype usedUp, int questions) {
    this.traffic = traffic;
    this.open = open;
    this.usedUp = usedUp;
    this.questions = questions;
  }

  int questions() {
    return questions;
  }

  void write(Outgoing outgoing) {
    outgoing.clear();
    for (int i = 0; i < questions; i++) {
      int key = traffic.next();
      outgoing.append(traffic.denied() ? usedUp : open, key);
    }
  }
}
