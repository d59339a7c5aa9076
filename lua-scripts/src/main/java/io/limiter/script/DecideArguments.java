package io.limiter.script;

import io.limiter.algorithm.Limit;
import io.limiter.ledger.Ending;
import io.limiter.ledger.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Writes the keys and arguments of one call of the {@code decide} script, question by question. The
 * layout is described at the head of {@code decide.lua}. Not safe to share between threads.
 */
public final class DecideArguments {
  private final LimitRows rows;
  private final List<String> questions = new ArrayList<>();
  private final List<String> keys = new ArrayList<>();
  private boolean headers;
  private boolean holds;
  private boolean rest;

  /** Where the header of the question that was started last stands. */
  private int header;

  /** What a run of plain questions asks; none is open while its {@code run} is 0. */
  private String runPlan = "";

  private @Nullable Limit runLimit;
  private long runCost;
  private int runTimes;
  private int run;

  /**
   * Starts a call.
   *
   * @param aroundMicros about the time by Redis, in microseconds since the epoch. Calendar windows
   *     are sent for this time, the one before and the one after; where that is not enough the
   *     script asks for another time
   */
  public DecideArguments(long aroundMicros) {
    this.rows = new LimitRows(aroundMicros);
  }

  /**
   * A question of one enforced counter that is charged 0 or more, without records: the short form
   * of most questions.
   *
   * @param times how often it is asked, 1 or more: as many questions, decided one after another.
   *     The cost times this is at most 2^53
   */
  @SuppressWarnings("ReferenceEquality") // equal limits that are not the same start a new run
  public void plainQuestion(String key, Limit limit, long cost, int times) {
    keys.add(key);
    if (run > 0 && limit == runLimit && cost == runCost && times == runTimes) {
      run++;
      return;
    }
    endRun();
    runPlan = rows.index(limit) + ':' + cost;
    runLimit = limit;
    runCost = cost;
    runTimes = times;
    run = 1;
  }

  /**
   * The questions that come next are void after a time: a script that starts later charges nothing
   * for them, and answers {@link Reply.Code#EXPIRED}. Counts until it is called again.
   *
   * @param micros the time by Redis, in microseconds since the epoch
   */
  public void validUntil(long micros) {
    endRun();
    questions.add(Long.toString(micros));
  }

  private void endRun() {
    if (run > 1) {
      questions.add(runPlan + ':' + runTimes + ':' + run);
    } else if (run == 1) {
      questions.add(runTimes == 1 ? runPlan : runPlan + ':' + runTimes);
    }
    run = 0;
  }

  /**
   * Starts a question with alternatives: the questions that come next, none of which counts
   * denials, are asked until one is not denied.
   *
   * @param count how many, 1 or more
   */
  public void alternatives(int count) {
    endRun();
    headers = true;
    rest = true;
    questions.add("|" + count);
  }

  /**
   * Starts a question. Its records come next, in this order, and then its counters.
   *
   * @param roles of its counters, in their order
   * @param countDenied whether every counter is charged, whatever it or the others say
   */
  public void question(List<Role> roles, boolean countDenied, boolean idempotent, boolean receipt) {
    endRun();
    headers = true;
    String flags = (countDenied ? "d" : "") + (idempotent ? "i" : "") + (receipt ? "r" : "");
    header = questions.size();
    questions.add(Letters.of(roles) + ":" + flags);
  }

  /** The question that was started keeps its receipt's record for a few seconds only. */
  public void keepReceiptBriefly() {
    int last = questions.size() - 1;
    questions.set(last, questions.get(last) + "b");
  }

  /**
   * Where the question's first answer is kept.
   *
   * @param fingerprint what was asked
   * @param shape which counters were asked; the answer's statuses are of use only while it is the
   *     same
   */
  public void idempotency(String key, String fingerprint, String shape) {
    keys.add(key);
    questions.add(fingerprint);
    questions.add(shape);
  }

  /**
   * Where the record of the charge is kept; the key ends in the receipt's 36 hexadecimal digits.
   */
  public void receipt(String key) {
    keys.add(key);
  }

  /** A counter, its limit and what it is asked for. */
  public void counter(String key, Limit limit, long cost) {
    keys.add(key);
    questions.add(rows.index(limit) + ':' + cost);
  }

  /**
   * A counter of the question that was started holds to what its upstream said. Comes behind all
   * counters, in their order.
   *
   * @param place of the counter in the question, from 0
   * @param key where it is learned
   */
  public void learned(int place, String key) {
    keys.add(key);
    StringBuilder text = new StringBuilder(questions.get(header));
    text.setCharAt(place, Character.toUpperCase(text.charAt(place)));
    questions.set(header, text.toString());
    rest = true;
  }

  /**
   * Some counters of the question that was started have books of holds. Comes before its counters.
   *
   * @param name of the holds that it takes, 11 characters
   * @param count how many counters have one
   */
  public void holds(String name, int count) {
    questions.set(header, questions.get(header) + "h".repeat(count));
    questions.add(name);
    holds = true;
  }

  /**
   * A counter that has a book of holds.
   *
   * @param durationMicros how long what it is charged is held; 0 for a charge that is final
   * @param charged whether a hold that expires stays charged
   */
  public void counter(String key, Limit limit, long cost, long durationMicros, boolean charged) {
    keys.add(key);
    questions.add(rows.index(limit) + ':' + cost + ':' + durationMicros + (charged ? ":1" : ":0"));
  }

  /** Where a counter keeps its holds. Comes behind all counters and what is learned of them. */
  public void book(List<String> itsKeys) {
    keys.addAll(itsKeys);
  }

  /**
   * Starts a question that ends holds, or renews them. They come next.
   *
   * @param name of the holds
   * @param count how many, each of another counter
   */
  public void ending(Ending.What what, String name, int count) {
    endRun();
    headers = true;
    holds = true;
    questions.add("!" + Letters.of(what) + count);
    questions.add(name);
  }

  /**
   * A hold of the question that was started.
   *
   * @param itsBook the keys of the counter's book
   * @param amount what was really used; to extend: how much more is wanted
   * @param durationMicros to extend: for how long from now; else 0
   * @param number which hold of its counter
   * @param expiresMicros when it expired at first
   */
  public void hold(
      String key,
      List<String> itsBook,
      Limit limit,
      long amount,
      long durationMicros,
      long number,
      long expiresMicros) {
    counter(key, limit, amount, durationMicros, /* charged= */ false);
    book(itsBook);
    questions.add(Long.toString(number));
    questions.add(Long.toString(expiresMicros));
  }

  /**
   * A counter of the question that was started is shared by tenants. Comes behind all counters and
   * behind where they learn, in their order.
   *
   * @param sharers where it is stored who is active
   * @param record the record of the tenant that asks
   */
  public void shared(String sharers, String record) {
    keys.add(sharers);
    keys.add(record);
    questions.set(header, questions.get(header) + '+');
  }

  /** The call's KEYS. */
  public List<String> keys() {
    return keys;
  }

  /** The call's ARGV. */
  public List<String> arguments() {
    return arguments(0);
  }

  /**
   * The ARGV of a call without KEYS: over several slots of a Cluster, whose Redis takes declared
   * keys of one slot only. It may answer {@link Reply.Code#ELSEWHERE}.
   */
  public List<String> undeclared() {
    List<String> all = arguments(keys.size() + 1);
    all.addAll(keys);
    all.add(Integer.toString(keys.size()));
    return all;
  }

  private List<String> arguments(int more) {
    endRun();
    List<String> texts = rows.texts();
    List<String> all = new ArrayList<>(1 + texts.size() + questions.size() + more);
    all.add(Integer.toString(rows.count()));
    all.addAll(texts);
    all.addAll(questions);
    return all;
  }

  /** The algorithms of its limits, the sum of their {@link Scripts#bit bits}. */
  int algorithms() {
    return rows.algorithms();
  }

  /** Whether any counter has a book of holds. */
  boolean hasHolds() {
    return holds;
  }

  /** Whether any counter learns, or any question has alternatives. */
  boolean needsTheRest() {
    return rest;
  }

  /** Whether any counter is shared by tenants. */
  boolean shares() {
    return rows.shares();
  }

  /** Whether any question has a header. */
  boolean hasHeaders() {
    return headers;
  }
}
