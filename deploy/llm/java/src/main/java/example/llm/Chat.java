package example.llm;

import io.limiter.client.CheckRequest;
import io.limiter.client.UnreachableException;
import io.limiter.client.hold.Holding;
import io.limiter.client.http.RateLimitHeaders;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.InputStream;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Value;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/** Passes requests on to the model, as far as their callers' budgets reach. */
@RestController
class Chat {
  private static final Logger LOG = LoggerFactory.getLogger(Chat.class);
  private static final int MOST_BYTES = 4 << 20;

  private final Callers callers;
  private final Model model;
  private final Holding holding;
  private final ScheduledExecutorService renewals;
  private final GatewayProperties properties;
  private final String domain;
  private final JsonMapper json;

  Chat(
      Callers callers,
      Model model,
      Holding holding,
      ScheduledExecutorService renewals,
      GatewayProperties properties,
      @Value("${limiter.client.domain}") String domain,
      JsonMapper json) {
    this.callers = callers;
    this.model = model;
    this.holding = holding;
    this.renewals = renewals;
    this.properties = properties;
    this.domain = domain;
    this.json = json;
  }

  @PostMapping(Model.PATH)
  void complete(
      @RequestHeader(name = HttpHeaders.AUTHORIZATION, defaultValue = "") String authorization,
      InputStream body,
      HttpServletResponse response)
      throws IOException, InterruptedException {
    Map<String, String> caller =
        callers.of(authorization).orElseThrow(Failures.UnknownKeyException::new);
    ChatRequest request = ChatRequest.read(bounded(body), json, properties.piece());
    CheckRequest most =
        CheckRequest.in(domain)
            .attributes(caller)
            .attribute("model", request.model())
            .unitCost("input_tokens", request.input())
            .unitCost("output_tokens", request.output())
            .hold(properties.hold());
    Used used = new Used(request.input());
    try (Budget budget =
        new Budget(holding, renewals, most, request.output(), properties.piece())) {
      try {
        RateLimitHeaders.of(budget.decision()).forEach(response::setHeader);
        pass(request, budget, used, response);
      } finally {
        settle(budget, used);
      }
    }
  }

  private static byte[] bounded(InputStream body) throws IOException {
    byte[] bytes = body.readNBytes(MOST_BYTES + 1);
    if (bytes.length > MOST_BYTES) {
      throw new Failures.WrongRequestException(
          "the body is longer than %d bytes; send less".formatted(MOST_BYTES));
    }
    return bytes;
  }

  /** What flowed before a failure or a hang-up was worked for, and is paid for. */
  private static void settle(Budget budget, Used used) {
    if (used.any()) {
      try {
        budget.settle(used.input(), used.output());
      } catch (UnreachableException noAnswer) {
        LOG.warn("A settlement got no answer, and is sent once more", noAnswer);
      }
    }
  }

  private void pass(ChatRequest request, Budget budget, Used used, HttpServletResponse response)
      throws IOException, InterruptedException {
    Model.Answer answer;
    byte[] whole = new byte[0];
    try {
      answer = model.ask(request.body());
      if (answer.status() != HttpServletResponse.SC_OK || !request.stream()) {
        whole = answer.whole();
      }
    } catch (IOException failure) {
      throw new Failures.ModelFailedException(failure);
    }
    if (answer.status() == HttpServletResponse.SC_OK && request.stream()) {
      response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
      try (Lines lines = answer.lines()) {
        new EventStream(lines, budget, used, properties.beat(), json)
            .pass(response.getOutputStream());
      }
      return;
    }
    if (answer.status() == HttpServletResponse.SC_OK) {
      try {
        used.see(json.readTree(whole));
      } catch (JacksonException notJson) {
        throw new Failures.ModelFailedException(new IOException("no JSON", notJson));
      }
    }
    response.setStatus(answer.status());
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.getOutputStream().write(whole);
  }
}
