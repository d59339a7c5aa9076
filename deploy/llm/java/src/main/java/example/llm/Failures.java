package example.llm;

import io.limiter.client.Decision;
import io.limiter.client.decorate.DeniedException;
import io.limiter.client.http.HttpDenial;
import java.io.IOException;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;

/** Answers what fails in the form that callers of models know. */
@RestControllerAdvice
class Failures {
  private static final int TOO_MANY = 429;

  /** A call comes with no secret that is known. */
  static final class UnknownKeyException extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  /** A request is not one that the model would be asked. */
  static final class WrongRequestException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    WrongRequestException(String mistake) {
      super(mistake);
    }
  }

  /** The model gave no answer. */
  static final class ModelFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    ModelFailedException(IOException cause) {
      super(cause);
    }
  }

  /** With 429, or 503 if Limiter could not be asked and the client fails closed. */
  @ExceptionHandler
  ResponseEntity<Map<String, Object>> denied(DeniedException denied) {
    HttpDenial denial = HttpDenial.of(denied.decision());
    HttpHeaders headers = new HttpHeaders();
    denial.headers().forEach(headers::set);
    String code = "limiter_unreachable";
    String message = "nobody can say whether there is room; try again later";
    if (denial.status() == TOO_MANY) {
      code =
          denied
              .decision()
              .kind()
              .filter(Decision.DenialKind.QUOTA::equals)
              .map(quota -> "insufficient_quota")
              .orElse("rate_limit_exceeded");
      message = "limit reached: " + String.join(", ", denial.violatedPolicies());
    }
    return ResponseEntity.status(denial.status()).headers(headers).body(body(code, message));
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> unknown(UnknownKeyException unknown) {
    return ResponseEntity.status(401)
        .body(body("invalid_api_key", "no such key; send Authorization: Bearer KEY"));
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> wrong(WrongRequestException mistake) {
    return ResponseEntity.badRequest()
        .body(body("invalid_request_error", "" + mistake.getMessage()));
  }

  @ExceptionHandler
  ResponseEntity<Map<String, Object>> failed(ModelFailedException failure) {
    return ResponseEntity.status(502)
        .body(body("upstream_failed", "the model cannot be asked: " + failure.getMessage()));
  }

  static Map<String, Object> body(String code, String message) {
    return Map.of("error", Map.of("message", message, "type", code, "code", code));
  }
}
