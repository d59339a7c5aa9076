package io.limiter.client.spring.call;

import io.limiter.client.decorate.Answers;
import io.limiter.client.decorate.CallTerms;
import io.limiter.client.decorate.Pacer;
import io.limiter.client.upstream.UpstreamSaid;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpRequest;
import org.springframework.http.client.ClientHttpRequestExecution;
import org.springframework.http.client.ClientHttpRequestInterceptor;
import org.springframework.http.client.ClientHttpResponse;

/**
 * Sends the requests of a {@code RestClient} or {@code RestTemplate} as a {@link Pacer} lets them
 * go, and reads the headers of every response. A refused request is sent again, unless its terms
 * say {@link CallTerms#once once}.
 *
 * <p>A request that is not sent ends with a {@link io.limiter.client.decorate.DeniedException} or
 * {@link io.limiter.client.decorate.NotSentException}. Put it first among the interceptors that
 * must see each try, and after those that must see the request once.
 *
 * <p>Thread-safe.
 */
public final class PacedRequestInterceptor implements ClientHttpRequestInterceptor {
  private final Pacer pacer;
  private final Function<HttpRequest, CallTerms> terms;

  /**
   * Sends all requests on the same terms.
   *
   * @param terms methods that are idempotent by RFC 9110 are repeated after a 503 as well
   */
  public PacedRequestInterceptor(Pacer pacer, CallTerms terms) {
    this(pacer, request -> terms);
  }

  /**
   * Sends each request on its own terms.
   *
   * @param terms has to be thread-safe
   */
  public PacedRequestInterceptor(Pacer pacer, Function<HttpRequest, CallTerms> terms) {
    this.pacer = pacer;
    this.terms = terms;
  }

  @Override
  public ClientHttpResponse intercept(
      HttpRequest request, byte[] body, ClientHttpRequestExecution execution) throws IOException {
    try {
      return pacer.call(
          () -> execution.execute(request, body),
          Responses.INSTANCE,
          terms.apply(request).forMethod(request.getMethod().name()));
    } catch (IOException | RuntimeException expected) {
      throw expected;
    } catch (Exception impossible) {
      throw new IllegalStateException("a request does not throw this", impossible);
    }
  }

  static Map<String, List<String>> map(HttpHeaders headers) {
    Map<String, List<String>> map = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
    headers.forEach((name, values) -> map.put(name, new ArrayList<>(values)));
    return map;
  }

  private enum Responses implements Answers<ClientHttpResponse> {
    INSTANCE;

    @Override
    public UpstreamSaid read(ClientHttpResponse response) {
      try {
        return UpstreamSaid.http(response.getStatusCode().value(), map(response.getHeaders()));
      } catch (IOException unreadable) {
        return UpstreamSaid.nothing(UpstreamSaid.Outcome.FAILED);
      }
    }

    @Override
    public void discard(ClientHttpResponse response) {
      response.close();
    }
  }
}
