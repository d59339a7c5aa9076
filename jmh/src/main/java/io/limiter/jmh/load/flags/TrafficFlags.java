package io.limiter.jmh.load.flags;

import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.MetadataUtils;
import io.limiter.algorithm.Algorithm;
import io.limiter.jmh.load.traffic.Keys;
import io.limiter.jmh.load.traffic.Kind;
import io.limiter.jmh.load.traffic.Question;
import io.limiter.jmh.load.traffic.RuleDomain;
import io.limiter.jmh.load.traffic.RuleSet;
import io.limiter.jmh.load.traffic.Traffic;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What is asked. */
public final class TrafficFlags {
  @Option(
      names = "--kind",
      converter = FlagTypes.Kinds.class,
      description = "unary, batch, stream, client, envoy, or health, the baseline. Default: unary.")
  public Kind kind = Kind.UNARY;

  @Option(names = "--batch", description = "Questions in each call of kind batch. Default: 64.")
  public int batch = 64;

  @Option(
      names = "--keys",
      converter = FlagTypes.KeyChoice.class,
      description =
          "uniform:COUNT, zipf:COUNT[:EXPONENT], or one for all. Default: uniform:100000.")
  public Keys keys = Keys.parse("uniform:100000");

  @Option(
      names = "--denied",
      paramLabel = "PERCENT",
      description = "Share of the questions aimed at counters that are used up. Default: 0.")
  double denied;

  @Option(names = "--rules", description = "Rules that apply to a question, 1 to 8. Default: 1.")
  int rules = 1;

  @Option(
      names = "--domain-rules",
      paramLabel = "COUNT",
      description =
          "Rules in the domain, of which only --rules apply to a question, chosen by a second"
              + " attribute. Default: 0, only those that apply, and no such attribute.")
  public int domainRules;

  @Option(
      names = "--algorithm",
      converter = FlagTypes.Algorithms.class,
      description = "Of those rules. Default: token-bucket.")
  public Algorithm algorithm = Algorithm.TOKEN_BUCKET;

  @Option(
      names = "--lease",
      negatable = true,
      description = "Ask about a rule with a lease. Default: no lease.")
  boolean lease;

  @Option(
      names = "--deadline",
      converter = FlagTypes.Time.class,
      description = "How long the caller of each call waits. Default: 0s, without end.")
  public Duration deadline = Duration.ZERO;

  @Option(
      names = "--charges",
      description = {
        "Adds up what Redis charged in each round, of a rule with windows of a day, against what",
        "callers were told. For --algorithm fixed-window."
      })
  public boolean charges;

  @Option(
      names = "--domain",
      description = "Default: one whose rules are written here, such as load-token-bucket.")
  @Nullable String domain;

  @Option(
      names = "--question",
      paramLabel = "ENTRIES",
      description = {
        "For rules of your own: names and values, user,plan=gold; a name without a value gets",
        "the key. For envoy, a semicolon separates descriptors."
      })
  @Nullable String question;

  @Option(
      names = "--denied-question",
      paramLabel = "ENTRIES",
      description = "The same for the share that is to be denied.")
  @Nullable String deniedQuestion;

  @Option(
      names = "--cacert",
      paramLabel = "FILE",
      description = {
        "Asks over TLS, trusting the CA in this PEM file; empty for none. A service started here",
        "needs --serve-args with --grpc-tls-cert and --grpc-tls-key, for the address 127.0.0.1."
      })
  String ca = "";

  @Option(
      names = "--token-file",
      paramLabel = "FILE",
      description = "Shows the token in this file, for a service that knows its callers.")
  @Nullable Path tokenFile;

  /**
   * A channel to a service, as it is to be secured and with the token to show.
   *
   * @throws IllegalArgumentException when a file cannot be used
   */
  public NettyChannelBuilder channel(String target) {
    NettyChannelBuilder channel = secured(target);
    if (tokenFile != null) {
      Metadata shown = new Metadata();
      shown.put(
          Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER),
          "Bearer " + token(tokenFile));
      channel.intercept(MetadataUtils.newAttachHeadersInterceptor(shown));
    }
    return channel;
  }

  private static String token(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new IllegalArgumentException("--token-file %s: %s".formatted(file, e), e);
    }
  }

  private NettyChannelBuilder secured(String target) {
    if (ca.isEmpty()) {
      return NettyChannelBuilder.forTarget(target, InsecureChannelCredentials.create());
    }
    try {
      return NettyChannelBuilder.forTarget(
          target, TlsChannelCredentials.newBuilder().trustManager(new File(ca)).build());
    } catch (IOException e) {
      throw new IllegalArgumentException("--cacert %s: %s".formatted(ca, e.getMessage()), e);
    }
  }

  /** The question that is to be admitted. */
  public Question open() {
    return asked(openDomain(), question, envoy() ? RuleSet.ENVOY_OPEN : "user");
  }

  /** The question that is to be denied. */
  public Question usedUp() {
    return asked(usedDomain(), deniedQuestion, envoy() ? RuleSet.ENVOY_USED_UP : "user");
  }

  private Question asked(RuleDomain own, @Nullable String given, String otherwise) {
    String in = domain != null ? domain : envoy() ? RuleSet.ENVOY_DOMAIN : own.name();
    return new Question(in, given == null ? otherwise : given, own.plans());
  }

  /** Of the generator's own domains, those that are asked about. */
  public Set<RuleDomain> domains() {
    if (domain != null || envoy()) {
      return Set.of();
    }
    return denied > 0 ? Set.of(openDomain(), usedDomain()) : Set.of(openDomain());
  }

  private RuleDomain openDomain() {
    RuleDomain.State state =
        lease
            ? RuleDomain.State.LEASED
            : charges ? RuleDomain.State.COUNTED : RuleDomain.State.OPEN;
    return new RuleDomain(algorithm, state, rules, domainRules / rules);
  }

  private RuleDomain usedDomain() {
    return new RuleDomain(algorithm, RuleDomain.State.USED, rules, domainRules / rules);
  }

  private boolean envoy() {
    return kind == Kind.ENVOY;
  }

  public Traffic traffic(long seed) {
    return new Traffic(keys, denied / 100, seed);
  }

  /** Whether the rules asked about are those that the generator writes. */
  private boolean ownRules() {
    return domain == null && question == null && deniedQuestion == null;
  }

  /**
   * Looks at what no single flag says.
   *
   * @throws IllegalArgumentException when something does not fit; the message says what
   */
  public void check() {
    FlagTypes.within("--batch", batch, 1, 1_000);
    FlagTypes.within("--rules", rules, 1, RuleSet.MOST_RULES);
    FlagTypes.within("--domain-rules", domainRules, 0, RuleSet.MOST_IN_DOMAIN);
    FlagTypes.within("--denied", denied, 0, 100);
    if (denied > 0 && question != null && deniedQuestion == null) {
      throw new IllegalArgumentException(
          "--denied with --question needs --denied-question: which of your rules is used up");
    }
    if (charges && (algorithm != Algorithm.FIXED_WINDOW || lease || !ownRules())) {
      throw new IllegalArgumentException(
          "--charges adds up the generator's own counters; use it with --algorithm fixed-window"
              + " and no lease");
    }
    checkRules();
    open();
    usedUp();
  }

  private void checkRules() {
    if ((rules > 1 || domainRules > 0) && (envoy() || !ownRules())) {
      throw new IllegalArgumentException(
          "--%s %d chooses among the generator's own rules; write the question with --question"
              .formatted(rules > 1 ? "rules" : "domain-rules", rules > 1 ? rules : domainRules));
    }
    if (domainRules % rules != 0) {
      throw new IllegalArgumentException(
          "--domain-rules %d is no multiple of --rules %d, which apply to a question; use one"
              .formatted(domainRules, rules));
    }
  }
}
