package io.limiter.server.access;

/**
 * How much one caller may ask of one instance. 0 in any place stands for no bound of its own: then
 * what is shared by all bounds it.
 *
 * @param questionsPerSecond of each second, with a burst of one second
 * @param connections open at a time
 * @param streams calls of gRPC, of which a stream is one, and requests of HTTP under way at a time
 * @param workPerSecond counters that its questions ask in each second, with a burst of one second
 * @param bytesPerSecond of its messages in each second, as protobuf encodes them, with a burst of
 *     one second
 * @param inlineCounters how many counters the rules that it brings may have at a time
 * @param inlineWindowMicros the longest window of such a rule, in microseconds
 */
public record CallerLimits(
    long questionsPerSecond,
    int connections,
    int streams,
    long workPerSecond,
    long bytesPerSecond,
    int inlineCounters,
    long inlineWindowMicros) {
  /** Without bounds of its own. */
  public static final CallerLimits NONE = new CallerLimits(0, 0, 0, 0, 0, 0, 0);
}
