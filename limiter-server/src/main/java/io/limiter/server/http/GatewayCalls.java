package io.limiter.server.http;

import com.google.rpc.Status;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.ResponseCallback;
import io.limiter.server.gateway.GatewayAnswer;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.server.rules.profile.IncomingRequest;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.HostAndPort;
import io.vertx.core.net.SocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /v1/authorize/{profile}}, by any method: whether a gateway may pass a request on. Its body
 * is passed over.
 */
final class GatewayCalls {
  static final String PREFIX = "/v1/authorize/";
  static final String PATH = PREFIX + "{profile}";

  private static final String HOST = "host";

  /** Gateways send none. A longer one costs its connection, or its stream. */
  private static final int MOST_BODY_BYTES = 64 << 10;

  private final GatewayApi api;

  GatewayCalls(GatewayApi api) {
    this.api = api;
  }

  /** Answers a request for a path that begins with {@link #PREFIX}. */
  void answer(String path, Exchange call) {
    call.passOverBody(MOST_BODY_BYTES);
    HttpServerRequest request = call.request();
    String profile = path.substring(PREFIX.length());
    call.caller()
        .ask(
            call.who(),
            () -> api.authorize(call.who(), profile, new Asked(request), new Answered(call)));
  }

  private record Asked(HttpServerRequest request) implements IncomingRequest {
    @Override
    public String method() {
      return request.method().name();
    }

    @Override
    public String target() {
      return request.uri();
    }

    @Override
    public @Nullable String header(String name) {
      String value = request.headers().get(name);
      return value == null && name.equalsIgnoreCase(HOST) ? authority() : value;
    }

    /** What HTTP/2 has in the place of the header Host. */
    private @Nullable String authority() {
      HostAndPort authority = request.authority();
      return authority == null ? null : authority.toString();
    }

    @Override
    public List<String> headers(String name) {
      return request.headers().getAll(name);
    }

    @Override
    public @Nullable String peer() {
      SocketAddress peer = request.remoteAddress();
      return peer == null ? null : peer.hostAddress();
    }

    @Override
    public long waitNanos() {
      long said = Patience.of(request);
      return said == RateLimiterApi.ANY_WAIT ? Long.MAX_VALUE : said;
    }
  }

  private record Answered(Exchange call) implements ResponseCallback<GatewayAnswer> {
    @Override
    public void onResponse(GatewayAnswer answer) {
      String type = answer.problem().isEmpty() ? "" : Problem.TYPE;
      call.answer(new Page(answer.status(), type, answer.problem(), answer.headers()));
    }

    @Override
    public void onFailure(Status status) {
      call.answer(Problem.of(status));
    }

    @Override
    public int caller() {
      return call.caller().number(call.who());
    }

    @Override
    public boolean isGone() {
      return call.caller().isGone();
    }
  }
}
