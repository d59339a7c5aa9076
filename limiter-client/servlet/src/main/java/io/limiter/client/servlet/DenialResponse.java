package io.limiter.client.servlet;

import io.limiter.client.http.HttpDenial;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** Answers a request that must not go ahead. Has to be thread-safe. */
@FunctionalInterface
public interface DenialResponse {

  /** Writes the problem as JSON (RFC 9457). */
  DenialResponse PROBLEM =
      (request, response, denial) -> {
        byte[] body = denial.json().getBytes(StandardCharsets.UTF_8);
        response.setContentType(HttpDenial.MEDIA_TYPE);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
      };

  /**
   * Writes the response.
   *
   * @param response has the denial's status and headers already
   */
  void write(HttpServletRequest request, HttpServletResponse response, HttpDenial denial)
      throws IOException, ServletException;
}
