package example.upstream;

import io.limiter.client.CheckRequest;
import io.limiter.client.LimiterClient;
import io.limiter.client.decorate.CallTerms;
import io.limiter.client.decorate.Pacer;
import io.limiter.client.spring.call.PacedExchangeFilter;
import io.limiter.client.spring.call.PacedRequestInterceptor;
import java.time.Duration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.web.client.RestClient;
import org.springframework.web.reactive.function.client.WebClient;

@Configuration
class UpstreamClients {
  private static final CallTerms TERMS = CallTerms.within(Duration.ofSeconds(30));

  @Bean
  Pacer maps(LimiterClient limiter) {
    return Pacer.by(limiter, CheckRequest.in("upstreams").attribute("api", "maps")).build();
  }

  @Bean
  RestClient mapsClient(Pacer maps) {
    return RestClient.builder()
        .requestInterceptor(new PacedRequestInterceptor(maps, TERMS))
        .build();
  }

  @Bean
  WebClient reactiveMapsClient(Pacer maps) {
    return WebClient.builder().filter(new PacedExchangeFilter(maps, TERMS)).build();
  }
}
