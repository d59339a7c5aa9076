package io.limiter.server.gateway;

import java.util.Collections;
import java.util.Map;

/**
 * What a gateway is answered.
 *
 * @param status of HTTP
 * @param headers in order
 * @param problem the body, JSON as RFC 9457 has it; empty for none
 */
public record GatewayAnswer(int status, Map<String, String> headers, String problem) {
  /** Admitted, and nothing is said of limits. */
  static final GatewayAnswer PLAIN = new GatewayAnswer(200, Map.of(), "");

  /** Of a name that no profile has. Names are for those who may read the rules. */
  static final GatewayAnswer UNKNOWN =
      new GatewayAnswer(
          404,
          Map.of(),
          """
          {"type":"about:blank","title":"Unknown profile","status":404,\
          "detail":"there is no such profile; add it below authorize in a file of the rules"}
          """);

  public GatewayAnswer {
    headers = Collections.unmodifiableMap(headers);
  }
}
