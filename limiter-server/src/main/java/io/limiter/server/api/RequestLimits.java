package io.limiter.server.api;

import java.time.Duration;

/**
 * How large a request may be. Lengths of names and of identifiers are part of the contract and do
 * not vary: see {@link #MAX_DOMAIN_BYTES} and its neighbours. A value may be as long as the message
 * lets it: whoever chooses it must not choose whether there is a decision.
 *
 * @param attributes most attributes of a request, 1 or more
 * @param inlineRules most rules that a request may bring, 0 or more
 * @param unitCosts most units that a request may name, 0 or more
 * @param batchEntries most entries of a batch, 1 or more
 * @param messageBytes largest message, 1024 or more
 * @param streamInFlight most questions of one stream without a response, 1 or more
 * @param inlineWindow longest window of a rule that a request brings, or time that its bucket takes
 *     to fill, 1 ms or more
 */
public record RequestLimits(
    int attributes,
    int inlineRules,
    int unitCosts,
    int batchEntries,
    int messageBytes,
    int streamInFlight,
    Duration inlineWindow) {

  /** What the service allows unless told otherwise. */
  public static final RequestLimits DEFAULTS =
      new RequestLimits(64, 16, 16, 1000, 1 << 20, 1024, Duration.ofDays(1));

  public static final int MAX_DOMAIN_BYTES = 128;
  public static final int MAX_DESCRIPTOR_ENTRIES = 64;
  public static final int MAX_DESCRIPTOR_KEY_BYTES = 256;
  static final int MAX_NAME_BYTES = 64;
  static final int MAX_ID_BYTES = 128;
  static final int MAX_RULES_NAMED = 100;
  static final int MAX_ALTERNATIVES = 16;

  public RequestLimits {
    check("attributes", attributes, 1);
    check("inlineRules", inlineRules, 0);
    check("unitCosts", unitCosts, 0);
    check("batchEntries", batchEntries, 1);
    check("messageBytes", messageBytes, 1024);
    check("streamInFlight", streamInFlight, 1);
    if (inlineWindow.toMillis() < 1) {
      throw new IllegalArgumentException(
          "inlineWindow %s is out of range; use 1 ms or more".formatted(inlineWindow));
    }
  }

  /** The same, with other bounds for the rules that a request may bring. */
  public RequestLimits withInline(int rules, Duration window) {
    return new RequestLimits(
        attributes, rules, unitCosts, batchEntries, messageBytes, streamInFlight, window);
  }

  /**
   * The largest message that a transport reads, so that one beyond {@link #messageBytes} gets an
   * answer of the service's own: four times that.
   */
  public int readBytes() {
    return (int) Math.min(Integer.MAX_VALUE, 4L * messageBytes);
  }

  private static void check(String field, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(
          "%s %d is out of range; use %d or more".formatted(field, value, least));
    }
  }
}
