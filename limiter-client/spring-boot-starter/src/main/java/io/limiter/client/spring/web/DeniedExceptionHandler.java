package io.limiter.client.spring.web;

import io.limiter.client.decorate.DeniedException;
import io.limiter.client.http.HttpDenial;
import java.net.URI;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ProblemDetail;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ControllerAdvice;
import org.springframework.web.bind.annotation.ExceptionHandler;

/**
 * Answers requests that end with a {@link DeniedException}, in Spring MVC and WebFlux: with 429, or
 * 503 if nobody could decide, the headers of the decision and a problem. Stands before advices
 * without an order, so that one for every exception does not take it for a defect.
 */
@ControllerAdvice
@Order(0)
public class DeniedExceptionHandler {

  /** Answers. */
  @ExceptionHandler(DeniedException.class)
  public ResponseEntity<ProblemDetail> denied(DeniedException denied) {
    HttpDenial denial = HttpDenial.of(denied.decision());
    ProblemDetail problem = ProblemDetail.forStatus(denial.status());
    problem.setType(URI.create(denial.type()));
    problem.setTitle(denial.title());
    if (!denial.violatedPolicies().isEmpty()) {
      problem.setProperty(HttpDenial.VIOLATED_POLICIES, denial.violatedPolicies());
    }
    HttpHeaders headers = new HttpHeaders();
    denial.headers().forEach(headers::set);
    return ResponseEntity.status(denial.status()).headers(headers).body(problem);
  }
}
