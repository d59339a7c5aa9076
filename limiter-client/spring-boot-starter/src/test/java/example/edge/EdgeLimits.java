package example.edge;

import io.limiter.client.CheckRequest;
import io.limiter.client.spring.web.RateLimitRequestResolver;
import java.util.Optional;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

@Configuration
class EdgeLimits {

  @Bean
  RateLimitRequestResolver limits() {
    return http ->
        http.getRequestURI().startsWith("/public/")
            ? Optional.empty()
            : Optional.of(CheckRequest.in("edge").attribute("ip", http.getRemoteAddr()));
  }
}
