package io.limiter.client.spring.call;

import io.limiter.client.decorate.Answers;
import io.limiter.client.decorate.CallTerms;
import io.limiter.client.decorate.Pacer;
import io.limiter.client.upstream.UpstreamSaid;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.springframework.web.reactive.function.client.ClientRequest;
import org.springframework.web.reactive.function.client.ClientResponse;
import org.springframework.web.reactive.function.client.ExchangeFilterFunction;
import org.springframework.web.reactive.function.client.ExchangeFunction;
import reactor.core.publisher.Mono;
import reactor.util.context.ContextView;

/**
 * The same as {@link PacedRequestInterceptor} for a {@code WebClient}, without a thread that waits.
 * What is not sent is an error signal. If the subscriber cancels, nothing more is sent.
 *
 * <p>Thread-safe.
 */
public final class PacedExchangeFilter implements ExchangeFilterFunction {
  private final Pacer pacer;
  private final Function<ClientRequest, CallTerms> terms;

  /**
   * Sends all requests on the same terms.
   *
   * @param terms methods that are idempotent by RFC 9110 are repeated after a 503 as well
   */
  public PacedExchangeFilter(Pacer pacer, CallTerms terms) {
    this(pacer, request -> terms);
  }

  /**
   * Sends each request on its own terms.
   *
   * @param terms has to be thread-safe
   */
  public PacedExchangeFilter(Pacer pacer, Function<ClientRequest, CallTerms> terms) {
    this.pacer = pacer;
    this.terms = terms;
  }

  @Override
  public Mono<ClientResponse> filter(ClientRequest request, ExchangeFunction next) {
    return Mono.deferContextual(
        context ->
            Mono.fromFuture(
                () ->
                    pacer.callAsync(
                        () -> sent(request, next, context),
                        Responses.INSTANCE,
                        terms.apply(request).forMethod(request.method().name()))));
  }

  private static CompletableFuture<ClientResponse> sent(
      ClientRequest request, ExchangeFunction next, ContextView context) {
    return next.exchange(request).contextWrite(context).toFuture();
  }

  private enum Responses implements Answers<ClientResponse> {
    INSTANCE;

    @Override
    public UpstreamSaid read(ClientResponse response) {
      return UpstreamSaid.http(
          response.statusCode().value(),
          PacedRequestInterceptor.map(response.headers().asHttpHeaders()));
    }

    @Override
    public void discard(ClientResponse response) {
      // Nobody waits for it; a connection that breaks meanwhile is made anew.
      response.releaseBody().subscribe(nothing -> {}, broken -> {});
    }
  }
}
