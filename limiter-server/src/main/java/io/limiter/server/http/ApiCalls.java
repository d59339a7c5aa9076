package io.limiter.server.http;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.limiter.envoy.service.RateLimitRequest;
import io.limiter.envoy.service.RateLimitResponse;
import io.limiter.server.api.Failures;
import io.limiter.server.api.RateLimiterApi;
import io.limiter.server.api.ResponseCallback;
import io.limiter.server.envoy.EnvoyApi;
import io.limiter.server.gateway.GatewayApi;
import io.limiter.v1.CheckAndConsumeBatchRequest;
import io.limiter.v1.CheckAndConsumeBatchResponse;
import io.limiter.v1.CheckAndConsumeRequest;
import io.limiter.v1.CheckAndConsumeResponse;
import io.limiter.v1.CheckAnyRequest;
import io.limiter.v1.CheckAnyResponse;
import io.limiter.v1.ExplainRequest;
import io.limiter.v1.ExplainResponse;
import io.limiter.v1.ExtendRequest;
import io.limiter.v1.ExtendResponse;
import io.limiter.v1.ObserveRequest;
import io.limiter.v1.ObserveResponse;
import io.limiter.v1.RefundRequest;
import io.limiter.v1.RefundResponse;
import io.limiter.v1.ReleaseRequest;
import io.limiter.v1.ReleaseResponse;
import io.limiter.v1.ResetRequest;
import io.limiter.v1.ResetResponse;
import io.limiter.v1.SettleRequest;
import io.limiter.v1.SettleResponse;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpHeaders;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/**
 * {@code POST /v1/check} and the others: the messages of {@code limiter.v1} as JSON. 200 for a
 * decision, also a denial; 4xx for a mistake, 503 when there is no decision. And {@code POST
 * /json}, as envoyproxy/ratelimit has it.
 */
final class ApiCalls {
  /** A larger body takes longer to be read than an event loop has. */
  private static final int LARGE_BYTES = 8 << 10;

  static final String AS_ENVOYPROXY_RATELIMIT = "/json";
  private static final int TOO_MANY_REQUESTS = 429;

  /** Names and values take more room in JSON. */
  private static final int JSON_FACTOR = 2;

  /** What is served, by path. Each takes POST. */
  static final Map<String, Route<?, ?>> ROUTES =
      Map.ofEntries(
          Map.entry(
              "/v1/check",
              new Route<>(
                  CheckAndConsumeRequest.getDefaultInstance(),
                  CheckAndConsumeResponse.getDefaultInstance(),
                  ApiCalls::readCheck,
                  (calls, message, call) ->
                      calls.api.check(call.who(), message, Patience.of(call), decision(call)))),
          Map.entry(
              "/v1/check/batch",
              new Route<>(
                  CheckAndConsumeBatchRequest.getDefaultInstance(),
                  CheckAndConsumeBatchResponse.getDefaultInstance(),
                  ApiCalls::checkBatch)),
          Map.entry(
              "/v1/check/any",
              new Route<>(
                  CheckAnyRequest.getDefaultInstance(),
                  CheckAnyResponse.getDefaultInstance(),
                  (calls, message, call) ->
                      calls.api.checkAny(call.who(), message, Patience.of(call), message(call)))),
          Map.entry(
              "/v1/refund",
              new Route<>(
                  RefundRequest.getDefaultInstance(),
                  RefundResponse.getDefaultInstance(),
                  (calls, message, call) -> calls.api.refund(call.who(), message, message(call)))),
          Map.entry(
              "/v1/settle",
              new Route<>(
                  SettleRequest.getDefaultInstance(),
                  SettleResponse.getDefaultInstance(),
                  (calls, message, call) ->
                      calls
                          .api
                          .holds()
                          .settle(call.who(), message, Patience.of(call), message(call)))),
          Map.entry(
              "/v1/release",
              new Route<>(
                  ReleaseRequest.getDefaultInstance(),
                  ReleaseResponse.getDefaultInstance(),
                  (calls, message, call) ->
                      calls
                          .api
                          .holds()
                          .release(call.who(), message, Patience.of(call), message(call)))),
          Map.entry(
              "/v1/extend",
              new Route<>(
                  ExtendRequest.getDefaultInstance(),
                  ExtendResponse.getDefaultInstance(),
                  (calls, message, call) ->
                      calls
                          .api
                          .holds()
                          .extend(call.who(), message, Patience.of(call), message(call)))),
          Map.entry(
              "/v1/reset",
              new Route<>(
                  ResetRequest.getDefaultInstance(),
                  ResetResponse.getDefaultInstance(),
                  (calls, message, call) -> calls.api.reset(call.who(), message, message(call)))),
          Map.entry(
              "/v1/observe",
              new Route<>(
                  ObserveRequest.getDefaultInstance(),
                  ObserveResponse.getDefaultInstance(),
                  (calls, message, call) -> calls.api.observe(call.who(), message, message(call)))),
          Map.entry(
              "/v1/explain",
              new Route<>(
                  ExplainRequest.getDefaultInstance(),
                  ExplainResponse.getDefaultInstance(),
                  (calls, message, call) -> calls.api.explain(call.who(), message, message(call)))),
          Map.entry(
              AS_ENVOYPROXY_RATELIMIT,
              new Route<>(
                  RateLimitRequest.getDefaultInstance(),
                  RateLimitResponse.getDefaultInstance(),
                  (calls, message, call) ->
                      calls.envoy.shouldRateLimit(
                          call.who(),
                          message,
                          Patience.of(call),
                          new Answer<>(call, ApiCalls::overLimitByStatus)))));

  /** What gateways ask. */
  final GatewayCalls gateways;

  private final RateLimiterApi api;
  private final EnvoyApi envoy;

  /**
   * The calls.
   *
   * @param envoy answers {@code /json}
   */
  ApiCalls(RateLimiterApi api, EnvoyApi envoy, GatewayApi gateway) {
    this.gateways = new GatewayCalls(gateway);
    this.api = api;
    this.envoy = envoy;
  }

  private void checkBatch(CheckAndConsumeBatchRequest message, Exchange call) {
    api.checkBatch(
        call.who(),
        message,
        Patience.of(call),
        later -> call.caller().eventLoop.execute(() -> call.caller().ask(call.who(), later)),
        new Answer<>(call, responses -> Page.json(CheckWriter.write(responses))));
  }

  private static Answer<CheckAndConsumeResponse> decision(Exchange call) {
    return new Answer<>(call, response -> Page.json(CheckWriter.write(response)));
  }

  private static <T extends Message> Answer<T> message(Exchange call) {
    return new Answer<>(call, response -> Page.json(JsonMessages.write(response)));
  }

  /** As envoyproxy/ratelimit has it. */
  private static Page overLimitByStatus(RateLimitResponse response) {
    int status =
        response.getOverallCode() == RateLimitResponse.Code.OVER_LIMIT ? TOO_MANY_REQUESTS : 200;
    return new Page(status, Page.JSON, JsonMessages.write(response));
  }

  /** Answers a request for one of the {@link #ROUTES}. */
  void answer(String path, Route<?, ?> route, Exchange call) {
    String type = call.request().getHeader(HttpHeaders.CONTENT_TYPE);
    if (type != null && !path.equals(AS_ENVOYPROXY_RATELIMIT) && !isJson(type)) {
      call.answer(
          Problem.of(
              415,
              "Not JSON",
              path + " takes application/json; send the message as JSON, and say so"));
      return;
    }
    call.read(
        JSON_FACTOR * api.limits().messageBytes(),
        body -> {
          Runnable asks = () -> route.call(this, path, body.getBytes(), call);
          if (body.length() <= LARGE_BYTES) {
            call.guarded(asks);
          } else {
            var unused =
                Vertx.currentContext()
                    .executeBlocking(
                        () -> {
                          call.guarded(asks);
                          return null;
                        },
                        /* ordered= */ false);
          }
        });
  }

  private static boolean isJson(String type) {
    if (type.equals(Page.JSON)) {
      return true;
    }
    String essence = type.split(";", 2)[0].trim().toLowerCase(Locale.ROOT);
    return essence.equals("application/json") || essence.endsWith("+json");
  }

  private static CheckAndConsumeRequest readCheck(String json)
      throws InvalidProtocolBufferException {
    CheckAndConsumeRequest plain = CheckReader.read(json);
    return plain == null
        ? JsonMessages.read(json, CheckAndConsumeRequest.getDefaultInstance())
        : plain;
  }

  private interface Read<Q> {
    Q read(String json) throws InvalidProtocolBufferException;
  }

  private interface Call<Q> {
    void make(ApiCalls calls, Q message, Exchange call);
  }

  /**
   * What one path does.
   *
   * @param request an empty one
   * @param response an empty one
   * @param read reads a request
   */
  record Route<Q extends Message, A extends Message>(
      Q request, A response, Read<Q> read, Call<Q> call) {
    Route(Q request, A response, Call<Q> call) {
      this(request, response, json -> JsonMessages.read(json, request), call);
    }

    private void call(ApiCalls calls, String path, byte[] body, Exchange exchange) {
      Q message;
      try {
        message = read.read(new String(body, StandardCharsets.UTF_8));
      } catch (InvalidProtocolBufferException e) {
        exchange.answer(Problem.of(Failures.malformed("POST " + path, e.getMessage())));
        return;
      }
      exchange.caller().ask(exchange.who(), () -> call.make(calls, message, exchange));
    }
  }

  private record Answer<T>(Exchange call, Function<T, Page> page) implements ResponseCallback<T> {
    @Override
    public void onResponse(T response) {
      call.guarded(() -> call.answer(page.apply(response)));
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
