package example.llm;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodySubscribers;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Flow;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.springframework.stereotype.Component;

/** The model's server. */
@Component
class Model {
  /** What there is of HTTP. */
  static final String PATH = "/v1/chat/completions";

  private final HttpClient http;
  private final GatewayProperties properties;

  Model(HttpClient http, GatewayProperties properties) {
    this.http = http;
    this.properties = properties;
  }

  /**
   * The beginning of an answer. Its body is to be read, by one of the methods.
   *
   * @param status of HTTP
   */
  record Answer(int status, Flow.Publisher<List<ByteBuffer>> body, Duration patience) {

    /** All of it. */
    byte[] whole() throws IOException, InterruptedException {
      HttpResponse.BodySubscriber<byte[]> bytes = BodySubscribers.ofByteArray();
      body.subscribe(bytes);
      try {
        return bytes
            .getBody()
            .toCompletableFuture()
            .get(patience.toMillis(), TimeUnit.MILLISECONDS);
      } catch (ExecutionException failed) {
        throw new IOException(failed.getCause());
      } catch (TimeoutException silent) {
        throw new IOException("the model was silent for " + patience, silent);
      }
    }

    /** It line by line. */
    Lines lines() {
      Lines lines = new Lines(patience);
      body.subscribe(BodySubscribers.fromLineSubscriber(lines));
      return lines;
    }
  }

  /**
   * Sends a request, and waits for the beginning of the answer.
   *
   * @throws IOException if there is none
   */
  Answer ask(String body) throws IOException, InterruptedException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create(properties.upstream() + PATH))
            .timeout(properties.patience())
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(body));
    if (!properties.upstreamKey().isEmpty()) {
      request.header("Authorization", "Bearer " + properties.upstreamKey());
    }
    HttpResponse<Flow.Publisher<List<ByteBuffer>>> response =
        http.send(request.build(), HttpResponse.BodyHandlers.ofPublisher());
    return new Answer(response.statusCode(), response.body(), properties.patience());
  }
}
