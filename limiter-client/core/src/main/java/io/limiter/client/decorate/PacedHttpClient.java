package io.limiter.client.decorate;

import io.limiter.client.upstream.UpstreamSaid;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.concurrent.CompletableFuture;

/**
 * Sends requests of {@code java.net.http} as a {@link Pacer} lets them go, and reads the headers of
 * every response, as {@link UpstreamSaid#http} says. Methods that RFC 9110 (section 9.2.2) calls
 * idempotent are taken as such.
 *
 * <p>Thread-safe.
 */
public final class PacedHttpClient {
  private final Pacer pacer;
  private final HttpClient http;

  /** Sends by a client. */
  public PacedHttpClient(Pacer pacer, HttpClient http) {
    this.pacer = pacer;
    this.http = http;
  }

  /**
   * Sends, on this thread, once there is room.
   *
   * @return the response, if only the last refusal
   * @throws IOException if it cannot be sent or received
   * @throws InterruptedException if the thread is interrupted while the request is under way
   * @throws DeniedException if there is no room in time
   * @throws NotSentException if too many wait, or the circuit is open
   * @throws java.util.concurrent.CancellationException if the thread is interrupted while it waits
   *     for room; it stays interrupted
   */
  public <T> HttpResponse<T> send(
      HttpRequest request, HttpResponse.BodyHandler<T> body, CallTerms terms)
      throws IOException, InterruptedException {
    try {
      return pacer.call(
          () -> http.send(request, body), new Responses<>(), terms.forMethod(request.method()));
    } catch (IOException | InterruptedException | RuntimeException expected) {
      throw expected;
    } catch (Exception impossible) {
      throw new IllegalStateException("HttpClient.send does not throw this", impossible);
    }
  }

  /**
   * The same without a thread that waits.
   *
   * @return fails with what {@link #send} throws
   */
  public <T> CompletableFuture<HttpResponse<T>> sendAsync(
      HttpRequest request, HttpResponse.BodyHandler<T> body, CallTerms terms) {
    return pacer.callAsync(
        () -> http.sendAsync(request, body), new Responses<>(), terms.forMethod(request.method()));
  }

  private static final class Responses<T> implements Answers<HttpResponse<T>> {
    @Override
    public UpstreamSaid read(HttpResponse<T> response) {
      return UpstreamSaid.http(response.statusCode(), response.headers().map());
    }

    @Override
    public void discard(HttpResponse<T> response) {
      if (response.body() instanceof AutoCloseable open) {
        try {
          open.close();
        } catch (Exception broken) {
          // The connection is lost with it, and the next try makes another.
          return;
        }
      }
    }
  }
}
