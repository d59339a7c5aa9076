package io.limiter.client;

import io.grpc.Channel;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.InsecureChannelCredentials;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import io.limiter.client.sending.Balancer;
import io.limiter.client.sending.Instances;
import io.limiter.client.sending.Reconnection;
import io.limiter.client.sending.ShownToken;
import io.limiter.client.sending.Target;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** The settings of a {@link LimiterClient}. Not thread-safe. */
public final class LimiterClientBuilder {
  private static final int MAX_REPLY_BYTES = 16 << 20;
  private static final Duration SHORTEST_DENIAL = Duration.ofMillis(1);
  private static final Duration LONGEST_DENIAL = Duration.ofMinutes(1);

  /**
   * The service waits for Redis until 5 ms before it. These are for the network, and for pauses on
   * either side.
   */
  private Duration deadline = Duration.ofMillis(50);

  private OnUnreachable onUnreachable = OnUnreachable.OPEN;
  private boolean retries = true;
  private boolean randomKeys;
  private int maxInFlight = 4096;
  private int maxMessageBytes = 1 << 20;
  private Duration keepAlive = Duration.ofSeconds(30);
  private Duration denyCache = Duration.ZERO;
  private LongSupplier nanoTime = System::nanoTime;
  private @Nullable Tls tls;
  private @Nullable Supplier<String> token;
  private Consumer<LimiterClient.FailOpen> onFailOpen = Checks::log;

  private Consumer<Decision> onDecision = decision -> {};

  private final @Nullable String target;
  private final @Nullable Channel channel;

  private LimiterClientBuilder(@Nullable String target, @Nullable Channel channel) {
    this.target = target;
    this.channel = channel;
  }

  static LimiterClientBuilder to(String target) {
    return new LimiterClientBuilder(Target.checked(target), null);
  }

  static LimiterClientBuilder over(Channel channel) {
    return new LimiterClientBuilder(null, channel);
  }

  /** The longest wait for each answer; positive. By default 50 ms. */
  public LimiterClientBuilder deadline(Duration deadline) {
    this.deadline = CheckRequest.positive("deadline", deadline);
    return this;
  }

  /** What to answer when the service does not. By default {@link OnUnreachable#OPEN}. */
  public LimiterClientBuilder onUnreachable(OnUnreachable onUnreachable) {
    this.onUnreachable = onUnreachable;
    return this;
  }

  /**
   * Whether questions with an {@link CheckRequest#idempotencyKey idempotency key}, refunds, resets
   * and observations are sent again, within their deadline, when no answer came. By default they
   * are. Nobody can tell whether a question without an answer was charged, so one without a key
   * never is.
   */
  public LimiterClientBuilder retries(boolean retries) {
    this.retries = retries;
    return this;
  }

  /**
   * Whether each question without a key is given a random one, so that all may be sent again. By
   * default none is, since a key has a price: Redis keeps a record of each admission for a minute,
   * and neither a cached denial nor a lease answers a question that has one.
   */
  public LimiterClientBuilder randomKeys(boolean randomKeys) {
    this.randomKeys = randomKeys;
    return this;
  }

  /**
   * Who hears of requests that went ahead unchecked, under {@link OnUnreachable#OPEN}. The first is
   * reported at once, those after it together, about once a second. So an outage is no flood. By
   * default each report is logged as a warning of {@link System.Logger}.
   *
   * @param listener called on a thread of the common pool, and once more by {@link
   *     LimiterClient#close}
   */
  public LimiterClientBuilder onFailOpen(Consumer<LimiterClient.FailOpen> listener) {
    this.onFailOpen = listener;
    return this;
  }

  /**
   * Who hears of every decision, for a metric: also of those of batches and streams, and of the
   * client's own when no answer came.
   *
   * @param listener called before the answer is given, on whichever thread brings it. It must be
   *     thread-safe and return at once
   */
  public LimiterClientBuilder onDecision(Consumer<Decision> listener) {
    this.onDecision = listener;
    return this;
  }

  /**
   * How many calls and streamed questions may wait for an answer at once. One more is not sent, and
   * {@link OnUnreachable} answers it at once. A batch counts as one.
   *
   * @param maxInFlight at least 1; by default 4096
   */
  public LimiterClientBuilder maxInFlight(int maxInFlight) {
    this.maxInFlight = atLeastOne("maxInFlight", maxInFlight);
    return this;
  }

  /**
   * The longest message that the service takes. A longer one is not sent, but thrown as an {@link
   * InvalidRequestException}.
   *
   * @param maxMessageBytes at least 1; by default 1 MiB, as in the service
   */
  public LimiterClientBuilder maxMessageBytes(int maxMessageBytes) {
    this.maxMessageBytes = atLeastOne("maxMessageBytes", maxMessageBytes);
    return this;
  }

  /**
   * How long a connection may be silent, while answers are awaited, before it is probed. It is
   * given up if no sign of life comes within 5 s. By default 30 s; gRPC raises less than 10 s to 10
   * s. The service must allow such probes. No effect on a channel of the caller's.
   */
  public LimiterClientBuilder keepAlive(Duration keepAlive) {
    this.keepAlive = CheckRequest.positive("keepAlive", keepAlive);
    return this;
  }

  /**
   * Denies a question that was denied a moment ago again, without a call, until it may be admitted.
   * By default every question is sent. Answers single questions and those of streams, but none with
   * an idempotency key, and so none under {@link #randomKeys}.
   *
   * <p>What others reset or give back, and what else ends a denial early, is seen only when the
   * given time is over. What this client gives back is seen at once. Holds at most 10,000 denials
   * and about 8 MiB.
   *
   * @param longest how long a denial is answered without asking, from when its question was sent; 1
   *     ms to 1 minute
   * @throws IllegalArgumentException for anything else
   */
  public LimiterClientBuilder denyCache(Duration longest) {
    if (longest.compareTo(SHORTEST_DENIAL) < 0 || longest.compareTo(LONGEST_DENIAL) > 0) {
      throw new IllegalArgumentException(
          "denyCache %s is not within %s and %s; pass how late a reset by others may be seen"
              .formatted(longest, SHORTEST_DENIAL, LONGEST_DENIAL));
    }
    this.denyCache = longest;
    return this;
  }

  /** The clock of the deny cache. For tests. */
  LimiterClientBuilder nanoTime(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    return this;
  }

  /** Encrypts the connection. By default it is plain text. Not with a channel of the caller's. */
  public LimiterClientBuilder tls(Tls tls) {
    if (channel != null) {
      throw new IllegalStateException(
          "tls has no effect on a channel that is built already; encrypt the channel itself");
    }
    this.tls = tls;
    return this;
  }

  /**
   * Shows the service who asks, by a token of its operator's or a JSON Web Token. By default none
   * is shown. Over a connection that is not encrypted, whoever is between reads it: see {@link
   * #tls}.
   *
   * @param token asked for each call, so that a token can be changed: it must be thread-safe and
   *     return at once. When it throws, or returns no token, the call is not sent and fails with a
   *     {@link RefusedException}
   */
  public LimiterClientBuilder token(Supplier<String> token) {
    this.token = token;
    return this;
  }

  private Channel showing(Channel to) {
    return token == null ? to : ClientInterceptors.intercept(to, new ShownToken(token));
  }

  /** Starts to connect, without waiting for it. */
  public LimiterClient build() {
    if (channel != null) {
      return new LimiterClient(this, showing(channel), null);
    }
    Instances instances = new Instances();
    ManagedChannel connection = connect(target == null ? "" : target, instances);
    connection.getState(true);
    LimiterClient client = new LimiterClient(this, showing(connection), connection);
    Reconnection.start(client.timer(), connection, instances);
    return client;
  }

  Duration deadline() {
    return deadline;
  }

  OnUnreachable onUnreachable() {
    return onUnreachable;
  }

  boolean retries() {
    return retries;
  }

  boolean randomKeys() {
    return randomKeys;
  }

  Consumer<LimiterClient.FailOpen> onFailOpen() {
    return onFailOpen;
  }

  Consumer<Decision> onDecision() {
    return onDecision;
  }

  int maxInFlight() {
    return maxInFlight;
  }

  /** Zero: there is none. */
  Duration denyCache() {
    return denyCache;
  }

  LongSupplier nanoTime() {
    return nanoTime;
  }

  int maxMessageBytes() {
    return maxMessageBytes;
  }

  private ManagedChannel connect(String target, Instances instances) {
    Balancer.register();
    ChannelCredentials credentials =
        tls == null ? InsecureChannelCredentials.create() : tls.credentials();
    ManagedChannelBuilder<?> builder =
        Grpc.newChannelBuilder(target, credentials)
            // A question that is sent twice may be charged twice. gRPC would send again when DNS
            // says
            // so, by a service config with retries or hedging: that is off. What is left it does by
            // itself (transparent retries): a call that never left, since its connection was
            // ending,
            // and once one that its peer promises not to have begun with (REFUSED_STREAM or
            // GOAWAY).
            .enableRetry()
            .disableServiceConfigLookUp()
            .defaultLoadBalancingPolicy(Balancer.POLICY)
            .setNameResolverArg(Instances.KEY, instances)
            // A full batch under many rules answers with more than gRPC's default of 4 MiB.
            .maxInboundMessageSize(MAX_REPLY_BYTES)
            // Without it, a peer that vanished is noticed only when TCP gives up, minutes later.
            .keepAliveTime(Wire.nanos(keepAlive), TimeUnit.NANOSECONDS)
            .keepAliveTimeout(5, TimeUnit.SECONDS);
    if (tls != null) {
      tls.serverName().ifPresent(builder::overrideAuthority);
    }
    return builder.build();
  }

  private static int atLeastOne(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(
          "%s %s is below 1; pass how many are allowed".formatted(name, value));
    }
    return value;
  }
}
