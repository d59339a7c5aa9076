package example.llm;

import io.limiter.client.LimiterClient;
import io.limiter.client.hold.Holding;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;

/** The application. README.md of the folder above says more. */
@SpringBootApplication(proxyBeanMethods = false)
@EnableConfigurationProperties(GatewayProperties.class)
public class Gateway {
  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** Starts it. */
  public static void main(String[] arguments) {
    SpringApplication.run(Gateway.class, arguments);
  }

  @Bean
  Holding holding(LimiterClient limiter) {
    return Holding.by(limiter);
  }

  /** Sends renewals. It waits for none, so one thread is enough. */
  @Bean(destroyMethod = "shutdownNow")
  ScheduledExecutorService renewals() {
    ScheduledThreadPoolExecutor renewals = new ScheduledThreadPoolExecutor(1);
    renewals.setRemoveOnCancelPolicy(true);
    return renewals;
  }

  @Bean
  HttpClient http() {
    // Over HTTP/1.1 a stream that is given up closes its connection, which every model notices.
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(CONNECT)
        .build();
  }
}
