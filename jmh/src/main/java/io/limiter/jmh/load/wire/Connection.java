package io.limiter.jmh.load.wire;

import io.grpc.ManagedChannel;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.envoy.service.RateLimitServiceGrpc;
import io.limiter.jmh.load.flags.TrafficFlags;
import io.limiter.jmh.load.pace.OwnThread;
import io.limiter.jmh.load.pace.Pace;
import io.limiter.jmh.load.pace.Slot;
import io.limiter.jmh.load.pace.Tally;
import io.limiter.jmh.load.traffic.Prototype;
import io.limiter.jmh.load.traffic.Question;
import io.limiter.jmh.load.traffic.Traffic;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.RateLimiterGrpc;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * One HTTP/2 connection with its slots. Answers are read and the next questions asked on the
 * connection's own thread.
 */
public final class Connection implements AutoCloseable {
  /** Requests of the library that are kept for being asked again; the same objects for all. */
  private static final int KEPT_REQUESTS = 200_000;

  private final OwnThread thread;
  private final ManagedChannel channel;
  private final Tally tally = new Tally();
  private final List<Slot> slots = new ArrayList<>();

  /**
   * Connects when it is first asked.
   *
   * @param number of this connection, from 0, for its slots to draw different keys
   */
  public Connection(String target, TrafficFlags flags, int slotCount, int number) {
    thread = new OwnThread(number);
    channel =
        thread
            .serve(flags.channel(target))
            .directExecutor()
            // Never sends a question twice; nor keeps a copy for it.
            .disableRetry()
            .disableServiceConfigLookUp()
            .maxInboundMessageSize(64 << 20)
            .build();
    long seed = 1_000_003L * number;
    switch (flags.kind) {
      case STREAM -> stream(flags, slotCount, seed);
      case CLIENT -> client(flags, slotCount, seed);
      default -> unary(flags, slotCount, seed);
    }
  }

  public List<Slot> slots() {
    return slots;
  }

  public Tally tally() {
    return tally;
  }

  private void unary(TrafficFlags flags, int slotCount, long seed) {
    Question open = flags.open();
    Question usedUp = flags.usedUp();
    for (int i = 0; i < slotCount; i++) {
      Traffic traffic = flags.traffic(seed + i);
      slots.add(
          switch (flags.kind) {
            case BATCH ->
                new UnarySlot<>(
                    tally,
                    channel,
                    RateLimiterGrpc.getCheckAndConsumeBatchMethod(),
                    new Writer(traffic, entry(open), entry(usedUp), flags.batch),
                    Judge.DECISIONS,
                    flags.deadline);
            case ENVOY ->
                new UnarySlot<>(
                    tally,
                    channel,
                    RateLimitServiceGrpc.getShouldRateLimitMethod(),
                    new Writer(
                        traffic,
                        Prototype.of(open.descriptors()),
                        Prototype.of(usedUp.descriptors()),
                        1),
                    Judge.ENVOY,
                    flags.deadline);
            case HEALTH ->
                new UnarySlot<>(
                    tally,
                    channel,
                    HealthGrpc.getCheckMethod(),
                    new Writer(traffic, health(), health(), 1),
                    Judge.HEALTH,
                    flags.deadline);
            default ->
                new UnarySlot<>(
                    tally,
                    channel,
                    RateLimiterGrpc.getCheckAndConsumeMethod(),
                    new Writer(
                        traffic,
                        Prototype.of(open.message().build(), open.plans()),
                        Prototype.of(usedUp.message().build(), usedUp.plans()),
                        1),
                    Judge.DECISION,
                    flags.deadline);
          });
    }
  }

  private static Prototype health() {
    return Prototype.of(HealthCheckRequest.getDefaultInstance());
  }

  /** A batch of one: messages that are put behind each other are one batch of all. */
  private static Prototype entry(Question question) {
    return Prototype.of(
        CheckAndConsumeBatchRequest.newBuilder().addRequests(question.message()).build(),
        question.plans());
  }

  private void stream(TrafficFlags flags, int slotCount, long seed) {
    StreamLine line = new StreamLine(channel);
    for (int i = 0; i < slotCount; i++) {
      Prototype open = numbered(flags.open(), i);
      Prototype usedUp = numbered(flags.usedUp(), i);
      slots.add(line.slot(tally, new Writer(flags.traffic(seed + i), open, usedUp, 1)));
    }
  }

  private static Prototype numbered(Question question, int slot) {
    return Prototype.of(
        question.message().setRequestId(Integer.toString(slot)).build(), question.plans());
  }

  private void client(TrafficFlags flags, int slotCount, long seed) {
    LimiterClient client =
        LimiterClient.over(channel).deadline(Pace.PATIENCE).maxInFlight(slotCount).build();
    BiFunction<Integer, Boolean, CheckRequest> requests = requests(flags);
    for (int i = 0; i < slotCount; i++) {
      slots.add(new ClientSlot(tally, client, flags.traffic(seed + i), requests));
    }
  }

  private static BiFunction<Integer, Boolean, CheckRequest> requests(TrafficFlags flags) {
    Question open = flags.open();
    Question usedUp = flags.usedUp();
    ConcurrentMap<Integer, CheckRequest> admitted = new ConcurrentHashMap<>();
    ConcurrentMap<Integer, CheckRequest> denied = new ConcurrentHashMap<>();
    return (key, aimedAtUsedUp) -> {
      if (aimedAtUsedUp) {
        return denied.computeIfAbsent(key, usedUp::of);
      }
      return key < KEPT_REQUESTS ? admitted.computeIfAbsent(key, open::of) : open.of(key);
    };
  }

  @Override
  public void close() {
    channel.shutdownNow();
    try {
      channel.awaitTermination(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    thread.close();
  }
}
