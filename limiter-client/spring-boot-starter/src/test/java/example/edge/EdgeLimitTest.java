package example.edge;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.springframework.test.web.servlet.request.MockMvcRequestBuilders.get;
import static org.springframework.test.web.servlet.result.MockMvcResultMatchers.status;

import io.limiter.client.spring.test.AutoConfigureFakeLimiter;
import io.limiter.client.testing.FakeLimiter;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.webmvc.test.autoconfigure.AutoConfigureMockMvc;
import org.springframework.test.web.servlet.MockMvc;

@SpringBootTest
@AutoConfigureMockMvc
@AutoConfigureFakeLimiter
class EdgeLimitTest {
  @Autowired MockMvc edge;
  @Autowired FakeLimiter limiter;

  @Test
  void theResolver_saysWhatIsAsked() throws Exception {
    limiter.deny(Duration.ofSeconds(1));
    edge.perform(get("/public/page")).andExpect(status().isNotFound());
    assertEquals(0, limiter.asked().size());
    edge.perform(get("/page")).andExpect(status().isTooManyRequests());
    assertEquals(Map.of("ip", "127.0.0.1"), limiter.asked().get(0).attributes());
  }
}
