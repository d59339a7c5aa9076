package example.shop;

import io.limiter.client.spring.RateLimited;
import org.springframework.stereotype.Service;

@Service
class ReportService {

  @RateLimited(domain = "reports", attributes = "user=#user", hold = "1m")
  String report(String user) {
    return "all that " + user + " has bought";
  }
}
