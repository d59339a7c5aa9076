package io.limiter.client.testing;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.grpc.Status;
import io.limiter.client.CheckRequest;
import io.limiter.client.InvalidRequestException;
import io.limiter.client.decorate.Answers;
import io.limiter.client.decorate.CallTerms;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.decorate.NotSentException;
import io.limiter.client.decorate.Pacer;
import io.limiter.client.decorate.Priority;
import io.limiter.client.upstream.Observation;
import io.limiter.client.upstream.UpstreamSaid;
import io.limiter.client.upstream.UpstreamSaid.Outcome;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Calls to somebody else go ahead when there is room, and what he says counts. */
@Timeout(60)
final class PacerTest {
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration SHORT = Duration.ofMillis(20);
  private static final CheckRequest QUESTION = CheckRequest.in("up").attribute("account", "acme");
  private static final CallTerms PATIENT = CallTerms.within(Duration.ofMinutes(10));
  private static final UpstreamSaid OK = UpstreamSaid.nothing(Outcome.ANSWERED);

  /** An answer is what it says. */
  private static final Answers<UpstreamSaid> SAID = said -> said;

  private final FakeLimiter fake = FakeLimiter.start();
  private final Pacer pacer = Pacer.by(fake.client(), QUESTION).build();
  private final Queue<UpstreamSaid> upstream = new ArrayDeque<>();
  private final AtomicInteger sent = new AtomicInteger();

  @AfterEach
  void close() {
    fake.close();
  }

  private static UpstreamSaid refused(Duration blockedFor) {
    return new UpstreamSaid(Outcome.REFUSED, List.of(Observation.blocked(blockedFor)));
  }

  private static UpstreamSaid unavailable(Duration blockedFor) {
    return new UpstreamSaid(Outcome.UNAVAILABLE, List.of(Observation.blocked(blockedFor)));
  }

  private UpstreamSaid send() {
    sent.incrementAndGet();
    UpstreamSaid said = upstream.poll();
    return said == null ? OK : said;
  }

  private UpstreamSaid call(CallTerms terms) throws Exception {
    return pacer.call(this::send, SAID, terms);
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      LockSupport.parkNanos(100_000);
    }
  }

  @Test
  void aCall_isAskedForFirst_andSentOnce() throws Exception {
    assertEquals(OK, call(PATIENT.cost(3).unitCost("tokens", 40)));
    assertEquals(1, sent.get());
    assertEquals("acme", fake.asked().get(0).attributes().get("account"));
    assertEquals(3, fake.asked().get(0).cost());
    assertEquals(40, fake.asked().get(0).unitCosts().get("tokens"));
    assertEquals(List.of(), fake.observed());
  }

  @Test
  void aRefusedCall_isToldToAll_andRepeatedAfterIt() throws Exception {
    upstream.add(refused(SHORT));
    long start = System.nanoTime();
    assertEquals(OK, call(PATIENT));
    assertTrue(System.nanoTime() - start >= SHORT.toNanos());
    assertEquals(2, sent.get());
    assertEquals(2, fake.asked().size());
    await(() -> !fake.observed().isEmpty());
    assertEquals(Observation.blocked(SHORT), fake.observed().get(0).observation());
    assertEquals("acme", fake.observed().get(0).attributes().get("account"));
  }

  @Test
  void aRefusalThatSaysNothing_isTakenForASecond() throws Exception {
    upstream.add(UpstreamSaid.nothing(Outcome.REFUSED));
    assertEquals(Outcome.REFUSED, call(PATIENT.once()).outcome());
    await(() -> !fake.observed().isEmpty());
    assertEquals(Observation.blocked(Duration.ofSeconds(1)), fake.observed().get(0).observation());
  }

  @Test
  void afterA503_onlyWhatIsIdempotentIsRepeated() throws Exception {
    upstream.add(unavailable(SHORT));
    assertEquals(Outcome.UNAVAILABLE, call(PATIENT).outcome());
    upstream.add(unavailable(SHORT));
    assertEquals(OK, call(PATIENT.idempotent()));
    upstream.add(refused(SHORT));
    assertEquals(Outcome.REFUSED, call(PATIENT.once()).outcome());
    assertEquals(4, sent.get());
  }

  @Test
  void aFailure_isThrown_andNotRepeated() {
    IOException broken = new IOException("broken");
    IOException thrown =
        assertThrows(
            IOException.class,
            () ->
                pacer.call(
                    () -> {
                      sent.incrementAndGet();
                      throw broken;
                    },
                    SAID,
                    PATIENT.idempotent()));
    assertEquals(broken, thrown);
    assertEquals(1, sent.get());
  }

  @Test
  void afterTheLastTry_itsAnswerIsTheCalls() throws Exception {
    for (int i = 0; i < 5; i++) {
      upstream.add(refused(Duration.ofMillis(1)));
    }
    assertEquals(Outcome.REFUSED, call(PATIENT).outcome());
    assertEquals(3, sent.get());
  }

  @Test
  void aBlockThatOutlastsTheCall_endsItAtOnce_andThoseAfterItUnasked() throws Exception {
    upstream.add(refused(HOUR));
    assertEquals(Outcome.REFUSED, call(PATIENT).outcome());
    DeniedException denied = assertThrows(DeniedException.class, () -> call(PATIENT));
    assertTrue(denied.retryAfter().orElseThrow().compareTo(HOUR.minusMinutes(5)) > 0);
    assertEquals(1, fake.asked().size());
    assertEquals(1, sent.get());
  }

  @Test
  void aBlock_endsThoseWhoWaitAndCannotWaitSoLong() throws Exception {
    CompletableFuture<UpstreamSaid> held = new CompletableFuture<>();
    CompletableFuture<UpstreamSaid> first = pacer.callAsync(() -> held, SAID, PATIENT.once());
    await(() -> fake.asked().size() == 1);
    fake.deny(Duration.ofMinutes(9));
    CompletableFuture<UpstreamSaid> second = async(PATIENT);
    await(() -> pacer.waiting() == 1);
    held.complete(refused(HOUR));
    assertEquals(Outcome.REFUSED, first.join().outcome());
    assertInstanceOf(
        DeniedException.class, assertThrows(CompletionException.class, second::join).getCause());
    assertEquals(0, pacer.waiting());
  }

  private CompletableFuture<UpstreamSaid> async(CallTerms terms) {
    return pacer.callAsync(() -> CompletableFuture.completedFuture(send()), SAID, terms);
  }

  @Test
  void withoutTheService_itsPolicyDecides_andWhatThisProcessKnowsHolds() throws Exception {
    fake.fail(Status.UNAVAILABLE).fail(Status.UNAVAILABLE);
    assertEquals(OK, call(PATIENT));
    upstream.add(refused(HOUR));
    assertEquals(Outcome.REFUSED, call(PATIENT).outcome());
    fake.fail(Status.UNAVAILABLE);
    assertThrows(DeniedException.class, () -> call(PATIENT));
    assertEquals(2, sent.get());
    Pacer closed =
        Pacer.by(fake.client(), QUESTION.onUnreachable(io.limiter.client.OnUnreachable.CLOSED))
            .build();
    assertThrows(DeniedException.class, () -> closed.call(this::send, SAID, PATIENT));
  }

  @Test
  void aDenial_isWaitedFor_andOneForAllWhoAskTheSame() throws Exception {
    fake.deny(SHORT).deny(SHORT);
    long start = System.nanoTime();
    assertEquals(OK, call(PATIENT));
    assertTrue(System.nanoTime() - start >= 2 * SHORT.toNanos());
    assertEquals(3, fake.asked().size());
    fake.deny(HOUR);
    assertThrows(DeniedException.class, () -> call(PATIENT));
    DeniedException unasked = assertThrows(DeniedException.class, () -> call(PATIENT));
    assertEquals("scripted", unasked.decision().strictest().orElseThrow().rule());
    assertEquals(4, fake.asked().size());
  }

  @Test
  void whoNeverGetsRoom_isToldSo_andHoldsNobodyUp() throws Exception {
    fake.denyForever();
    DeniedException never = assertThrows(DeniedException.class, () -> call(PATIENT.cost(99)));
    assertEquals(Optional.empty(), never.retryAfter());
    assertEquals(OK, call(PATIENT));
  }

  @Test
  void whoWaitsForNothing_isAskedForAllTheSame() throws Exception {
    CallTerms now = CallTerms.within(Duration.ZERO);
    assertEquals(OK, call(now));
    fake.deny(SHORT);
    assertThrows(DeniedException.class, () -> call(now));
  }

  @Test
  void aDelay_isWaitedFor_andTooLongAOneGivenBack() throws Exception {
    fake.admit(SHORT);
    long start = System.nanoTime();
    assertEquals(OK, call(PATIENT));
    assertTrue(System.nanoTime() - start >= SHORT.toNanos());
    fake.admit(HOUR);
    Pacer receipts = Pacer.by(fake.client(), QUESTION.receipt()).build();
    assertThrows(DeniedException.class, () -> receipts.call(this::send, SAID, PATIENT));
    await(() -> fake.refunded() == 1);
    assertEquals(1, sent.get());
  }

  @Test
  void moreThanMayWait_areRefusedAtOnce() throws Exception {
    Pacer narrow = Pacer.by(fake.client(), QUESTION).mostWaiting(1).build();
    fake.deny(Duration.ofMinutes(9));
    CompletableFuture<UpstreamSaid> first =
        narrow.callAsync(() -> CompletableFuture.completedFuture(OK), SAID, PATIENT);
    await(() -> narrow.waiting() == 1);
    NotSentException refused =
        assertThrows(NotSentException.class, () -> narrow.call(this::send, SAID, PATIENT));
    assertEquals(NotSentException.Reason.TOO_MANY_WAITING, refused.reason());
    assertEquals(
        "not sent: 1 calls wait for room, the bound; raise mostWaiting or send less",
        refused.getMessage());
    assertTrue(first.cancel(false));
    await(() -> narrow.waiting() == 0);
    assertEquals(0, sent.get());
  }

  @Test
  void theOpenCircuit_failsFast_orIsWaitedForWithinTheCallsTime() throws Exception {
    for (boolean fast : List.of(true, false)) {
      var settings = Pacer.by(fake.client(), QUESTION).circuitBreaker(2, HOUR, HOUR);
      Pacer broken = (fast ? settings.failFastWhenOpen() : settings).build();
      for (int i = 0; i < 2; i++) {
        assertEquals(
            Outcome.FAILED,
            broken.call(() -> UpstreamSaid.nothing(Outcome.FAILED), SAID, PATIENT).outcome());
      }
      NotSentException open =
          assertThrows(NotSentException.class, () -> broken.call(this::send, SAID, PATIENT));
      assertEquals(NotSentException.Reason.CIRCUIT_OPEN, open.reason());
      assertTrue(open.retryAfter().orElseThrow().compareTo(Duration.ofMinutes(50)) > 0);
    }
    assertEquals(0, sent.get());
  }

  @Test
  void refusalsOfCallsThatWereUnderWayTogether_countOnce() throws Exception {
    Pacer careful = Pacer.by(fake.client(), QUESTION).circuitBreaker(2, HOUR, HOUR).build();
    CompletableFuture<UpstreamSaid> answer = new CompletableFuture<>();
    List<CompletableFuture<UpstreamSaid>> together = new ArrayList<>();
    CountDownLatch underWay = new CountDownLatch(8);
    for (int i = 0; i < 8; i++) {
      together.add(
          careful.callAsync(
              () -> {
                underWay.countDown();
                return answer;
              },
              SAID,
              PATIENT.once()));
    }
    underWay.await();
    answer.complete(refused(Duration.ofMillis(1)));
    together.forEach(CompletableFuture::join);
    assertEquals(OK, careful.call(this::send, SAID, PATIENT));
  }

  /** While the circuit is open its probes go one at a time, so the order is to be seen. */
  @Test
  void whoWaits_goesByPriority_thenByArrival_andSingly() throws Exception {
    Duration tick = Duration.ofMillis(1);
    Pacer broken = Pacer.by(fake.client(), QUESTION).circuitBreaker(1, tick, tick).build();
    broken.call(() -> UpstreamSaid.nothing(Outcome.FAILED), SAID, PATIENT);
    CompletableFuture<UpstreamSaid> probe = new CompletableFuture<>();
    CountDownLatch probing = new CountDownLatch(1);
    var unused =
        broken.callAsync(
            () -> {
              probing.countDown();
              return probe;
            },
            SAID,
            PATIENT);
    probing.await();
    List<Priority> order = Collections.synchronizedList(new ArrayList<>());
    AtomicInteger atOnce = new AtomicInteger();
    List<CompletableFuture<UpstreamSaid>> calls = new ArrayList<>();
    for (Priority one : List.of(Priority.LOW, Priority.NORMAL, Priority.HIGH, Priority.LOW)) {
      calls.add(
          broken.callAsync(
              () -> {
                assertEquals(1, atOnce.incrementAndGet());
                order.add(one);
                return CompletableFuture.supplyAsync(
                    () -> {
                      atOnce.decrementAndGet();
                      return UpstreamSaid.nothing(Outcome.FAILED);
                    });
              },
              SAID,
              PATIENT.priority(one)));
    }
    assertEquals(4, broken.waiting());
    probe.complete(UpstreamSaid.nothing(Outcome.FAILED));
    calls.forEach(CompletableFuture::join);
    assertEquals(
        List.of(Priority.HIGH, Priority.NORMAL, Priority.LOW, Priority.LOW), List.copyOf(order));
  }

  @Test
  void whatRemains_clampsTheCounter_andIsToldOnceWhileItIsKnown() throws Exception {
    fake.limit("learns", 1_000, HOUR, "account");
    for (int left = 2; left >= 0; left--) {
      upstream.add(
          new UpstreamSaid(
              Outcome.ANSWERED, List.of(Observation.remaining(left, HOUR).withLimit(3))));
      call(PATIENT);
      await(() -> !fake.observed().isEmpty());
    }
    DeniedException denied = assertThrows(DeniedException.class, () -> call(PATIENT));
    assertEquals(0, denied.decision().strictest().orElseThrow().remaining());
    assertEquals(1, fake.observed().size());
    fake.advance(HOUR.plusSeconds(1));
    Pacer other = Pacer.by(fake.client(), QUESTION).build();
    assertEquals(OK, other.call(this::send, SAID, PATIENT));
    assertEquals(2, fake.client().check(QUESTION.cost(0)).remaining().orElseThrow());
  }

  @Test
  void anInterruptedThread_leavesTheLine_andStaysInterrupted() throws Exception {
    fake.deny(Duration.ofMinutes(9));
    CompletableFuture<Throwable> ended = new CompletableFuture<>();
    Thread waits =
        new Thread(
            () -> {
              try {
                call(PATIENT);
              } catch (Throwable thrown) {
                ended.complete(Thread.currentThread().isInterrupted() ? thrown : null);
              }
            });
    waits.start();
    await(() -> pacer.waiting() == 1);
    waits.interrupt();
    assertInstanceOf(CancellationException.class, ended.get());
    await(() -> pacer.waiting() == 0);
    assertEquals(0, sent.get());
  }

  @Test
  void aWrongQuestion_andABrokenReader_areThrown_andNobodyIsHeldUp() throws Exception {
    fake.fail(Status.INVALID_ARGUMENT);
    assertThrows(InvalidRequestException.class, () -> call(PATIENT));
    Answers<UpstreamSaid> broken =
        said -> {
          throw new IllegalStateException("unreadable");
        };
    Pacer probing =
        Pacer.by(fake.client(), QUESTION)
            .circuitBreaker(1, Duration.ofMillis(1), Duration.ofMillis(1))
            .build();
    probing.call(() -> UpstreamSaid.nothing(Outcome.FAILED), SAID, PATIENT);
    assertThrows(IllegalStateException.class, () -> probing.call(this::send, broken, PATIENT));
    CompletableFuture<UpstreamSaid> failed =
        probing.callAsync(() -> CompletableFuture.completedFuture(OK), broken, PATIENT);
    assertThrows(CompletionException.class, failed::join);
    assertEquals(OK, probing.call(this::send, SAID, PATIENT));
  }

  @Test
  void manyThreads_loseNothing_andSendEachOnce() throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(12);
    AtomicInteger number = new AtomicInteger();
    try {
      List<Future<Integer>> all = new ArrayList<>();
      for (int thread = 0; thread < 12; thread++) {
        Random random = new Random(thread);
        all.add(
            threads.submit(
                () -> {
                  int answered = 0;
                  for (int i = 0; i < 200; i++) {
                    if (random.nextInt(20) == 0) {
                      fake.deny(Duration.ofMillis(1));
                    }
                    boolean refuses = random.nextInt(40) == 0;
                    AtomicInteger tries = new AtomicInteger();
                    UpstreamSaid said =
                        pacer.call(
                            () -> {
                              number.incrementAndGet();
                              return refuses && tries.getAndIncrement() == 0
                                  ? refused(Duration.ofMillis(1))
                                  : OK;
                            },
                            SAID,
                            PATIENT.priority(random.nextBoolean() ? Priority.HIGH : Priority.LOW));
                    answered += said.equals(OK) ? 1 : 0;
                  }
                  return answered;
                }));
      }
      int answered = 0;
      for (Future<Integer> one : all) {
        answered += one.get();
      }
      assertEquals(12 * 200, answered);
      assertTrue(number.get() >= answered);
      assertEquals(0, pacer.waiting());
    } finally {
      threads.shutdownNow();
    }
  }

  @Test
  void callsThatAreCancelledAtAnyMoment_leaveNothingBehind() throws Exception {
    Duration tick = Duration.ofNanos(1_000);
    Pacer broken = Pacer.by(fake.client(), QUESTION).circuitBreaker(1, tick, tick).build();
    Random random = new Random(3);
    for (int round = 0; round < 300; round++) {
      broken.call(() -> UpstreamSaid.nothing(Outcome.FAILED), SAID, PATIENT);
      if (random.nextBoolean()) {
        fake.deny(tick);
      }
      List<CompletableFuture<UpstreamSaid>> calls = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        calls.add(broken.callAsync(() -> CompletableFuture.completedFuture(OK), SAID, PATIENT));
      }
      LockSupport.parkNanos(random.nextInt(300_000));
      calls.forEach(one -> one.cancel(false));
      // The probe was perhaps one of those: it is free again.
      assertEquals(OK, broken.call(this::send, SAID, PATIENT));
    }
    assertEquals(0, broken.waiting());
  }

  @Test
  void settingsThatMakeNoSense_areRefusedWithTheRemedy() {
    var settings = Pacer.by(fake.client(), QUESTION);
    assertEquals(
        "tries 0 is below 1; pass 1 or more",
        assertThrows(IllegalArgumentException.class, () -> settings.tries(0)).getMessage());
    assertThrows(IllegalArgumentException.class, () -> settings.mostWaiting(0));
    assertThrows(IllegalArgumentException.class, () -> settings.headStart(Duration.ofSeconds(-1)));
    assertThrows(IllegalArgumentException.class, () -> settings.circuitBreaker(-1, SHORT, SHORT));
    assertThrows(IllegalArgumentException.class, () -> settings.circuitBreaker(1, HOUR, SHORT));
    assertThrows(IllegalArgumentException.class, () -> CallTerms.within(Duration.ofSeconds(-1)));
  }
}
