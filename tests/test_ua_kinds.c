/* User agents that are easily mistaken for another type, table by table: those that must be
   recognised, and next to them those that must not. */
#define EDGEFN_IMPLEMENTATION
#include "../edgefn.h"
#include "test.h"
#include "kit.h"
/* clang-format off: tables with aligned columns */

enum {
    M = EDGEFN_DEVICE_MOBILE,
    T = EDGEFN_DEVICE_TABLET,
    D = EDGEFN_DEVICE_DESKTOP,
    V = EDGEFN_DEVICE_TV,
    FORMS = M | T | D | V
};
#define BOT(kind)          EDGEFN_BOT_##kind
#define KIT                "AppleWebKit/537.36 (KHTML, like Gecko) "
#define CHROME             "Chrome/116.0.0.0 "
#define DROID(model, rest) "Mozilla/5.0 (Linux; Android 11; " model ") " KIT CHROME rest
#define PHONE(model)       DROID(model, "Mobile Safari/537.36")
#define SLATE(model)       DROID(model, "Safari/537.36")
#define DALVIK(model)      "Dalvik/2.1.0 (Linux; U; Android 10; " model " Build/QP1A.190711.020)"
#define IPHONE                                                                                     \
  "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
#define IPAD                                                                                       \
  "Mozilla/5.0 (iPad; CPU OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 "
#define WINDOWS "Mozilla/5.0 (Windows NT 10.0; Win64; x64) " KIT CHROME "Safari/537.36"
#define MAC                                                                                        \
  "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Safari/605.1.15"
#define AGENT(name)                                                                                \
  "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; " name                           \
  ") Chrome/116.0.0.0 Safari/537.36"
#define PLAIN(name) "Mozilla/5.0 (compatible; " name ")"

/* device: 0 if it does not matter */
typedef struct row {
    uint32_t device;
    edgefn_bot bot;
    const char *text;
} row;

/* On Android, "Mobile" is stronger evidence than a short word that also occurs in names of TVs. */
static const row short_words[] = {
    { M, 0, PHONE("XQ-AS52") },
    { M, 0, PHONE("HTC M8s") },
    { M, 0, PHONE("H3213") },
    { M, 0, PHONE("LG-H320") },
    { M, 0, PHONE("SGH-T959") },
    { M, 0, PHONE("DM-01J") },
    { M, 0, PHONE("H3223") },
    { M, 0, PHONE("XQ-AS62") },
    { M, 0, PHONE("XQ-AS72") },
    { M, 0, PHONE("SGH-T959V") },
    { M, 0, PHONE("HTC_M8x") },
    { M, 0, PHONE("DM-02H") },
    { M, 0, PHONE("LG-H324") },
    { M, 0, PHONE("Redmi Note 8; 32GB") },
    { M, 0, PHONE("moto e5; 60fps") },
    { M, 0, PHONE("Nokia 7.2 64GB 48MP") },
    { M, 0, PHONE("X96 Phone") },
    { M, 0, PHONE("A95X") },
    { M, 0, PHONE("HK1") },
    { M, 0, PHONE("TX3") },
    { M, 0, PHONE("T95") },
    { M, 0, PHONE("SM-G960F; 50MP") },
    { M, 0, PHONE("Pixel 6; 65inch") },
    { M, 0, DALVIK("XQ-AS52") },
    { M, 0, DALVIK("H3213") },
    { M, 0, DALVIK("LG-H320") },
    { M, 0, DALVIK("SGH-T959") },
    { M, 0, DALVIK("Redmi 9A 32GB") },
    { M, 0, DALVIK("moto g 60fps") },
    { T, 0, SLATE("BTV-W09") },
    { T, 0, SLATE("Lenovo TB-X304F 32GB") },
    { T | M, 0, PHONE("BTV-W09") },
    { T, 0, SLATE("SM-T510 60fps") },
};
static const row short_words_not[] = {
    { V, 0, SLATE("X96mini") },         { V, 0, SLATE("X96 Max") },
    { V, 0, SLATE("H96 Max") },         { V, 0, SLATE("T95") },
    { V, 0, SLATE("TX3 Mini") },        { V, 0, SLATE("MECOOL KM1") },
    { V, 0, SLATE("HK1 BOX") },         { V, 0, SLATE("A95X F3") },
    { V, 0, SLATE("43UP50GU") },        { V, 0, SLATE("55UHD1200") },
    { V, 0, SLATE("65PUS7304") },       { V, 0, SLATE("MIBOX4") },
    { V, 0, SLATE("MiTV-AXSO0") },      { V, 0, SLATE("BRAVIA 4K GB") },
    { V, 0, PHONE("BRAVIA 4K UR2") },   { V, 0, PHONE("AFTMM") },
    { V, 0, PHONE("AFTKA") },           { V, 0, SLATE("AFTSSS") },
    { V, 0, SLATE("Chromecast") },      { V, 0, SLATE("VIDAA TV") },
    { V, 0, SLATE("MyTVBox") },         { V, 0, SLATE("ZIDOO_X9") },
    { V, 0, SLATE("UGOOS AM6") },       { V, 0, SLATE("Beelink GT") },
    { V, 0, SLATE("Android TV") },      { V, 0, DALVIK("AFTT") },
    { V, 0, DALVIK("BRAVIA 4K 2015") }, { V, 0, SLATE("BeyondTV") },
    { V, 0, DALVIK("X96Q") },           { V, 0, SLATE("SHIELD; Nexus Player") },
};

/* The name of an app does not make its device a TV. */
static const row app_names[] = {
    { M, 0, IPHONE "PlutoTV/5.1" },
    { M, 0, IPHONE "AppleTV" },
    { M, 0, IPHONE "HbbTV/1.2.1" },
    { M, 0, IPHONE "Molotov.tv/5" },
    { M, 0, IPHONE "Dropbox/350" },
    { M, 0, IPHONE "SmartTV" },
    { M, 0, IPHONE "Roku/9 (TV remote)" },
    { M, 0, IPHONE "Chromecast" },
    { M, 0, "PlutoTV/5.1 (iPhone; iOS 16.2; Scale/3.00)" },
    { M, 0, "Molotov.tv/5 (iPhone; iOS 15.0; Scale/2.00)" },
    { M, 0, "AirTV/1 (iPod touch; iOS 12.5; Scale/2.00)" },
    { M | T, 0, IPAD "PlutoTV/5.1" },
    { M | T, 0, IPAD "Viera Remote" },
    { M | T, 0, IPAD "Bravia" },
    { T, 0, "Zattoo TV/3 (iPad; iOS 16.2; Scale/2.00)" },
    { M, 0, PHONE("Pixel 7") " Dropbox/350" },
    { M, 0, PHONE("Pixel 7") " Molotov.tv/5" },
    { M, 0, PHONE("Pixel 7") " PlutoTV/5.1" },
    { M, 0, PHONE("SM-S918B") " SlingTV/9" },
    { M, 0, PHONE("Redmi 9") " ZattooTV/2" },
    { M, 0, PHONE("CPH2211") " MyBox/1" },
    { M, 0, "Dropbox/350 (Linux; Android 12; Pixel 6)" },
    { M, 0, "Molotov.tv/5 (Linux; Android 12; Pixel 6)" },
    { M, 0, "PlutoTV/5.1 (Linux; Android 12; SM-A515F)" },
    { T, 0, SLATE("SM-X706B") " PlutoTV/5.1" },
    { T, 0, SLATE("SM-X706B") " Dropbox/350" },
    { T, 0, SLATE("Nokia T20") " Molotov.tv/5" },
    { D, 0, WINDOWS " PlutoTV/5.1" },
    { D, 0, MAC " Molotov.tv/5" },
};
static const row app_names_not[] = {
    { V, 0, "AppleTV11,1/11.1" },
    { V, 0, "AppleTV6,2/15.4" },
    { V, 0, "AppleTV/3 CFNetwork/1410 Darwin/22.4.0" },
    { V, 0, "HbbTV/1.2.1 (;Panasonic;VIERA 2014;3.105;1101-0003;)" },
    { V, 0, "Roku/DVP-9.10 (519.10E04111A)" },
    { V, 0, "Roku4640X/DVP-7.70 (297.70E04154A)" },
    { V, 0, "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) " KIT "76.0.3809.146/6.0 TV Safari/537.36" },
    { V, 0, "Mozilla/5.0 (SMART-TV; X11; Linux armv7l) " KIT CHROME "Safari/537.36" },
    { V, 0, "Mozilla/5.0 (Web0S; Linux/SmartTV) " KIT CHROME "Safari/537.36 WebAppManager" },
    { V, 0, "Mozilla/5.0 (Linux; NetCast; U) " KIT CHROME "Safari/537.31 SmartTV/7.0" },
    { V, 0, "Mozilla/5.0 (X11; Linux armv7l) " KIT CHROME "Safari/537.36 CrKey/1.56.500000" },
    { V, 0, "Mozilla/5.0 (PlayStation 4 9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)" },
    { V, 0,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) " KIT CHROME
      "Safari/537.36 Edge/16.16299" },
    { V, 0,
      "Mozilla/5.0 (Nintendo WiiU) AppleWebKit/536.28 (KHTML, like Gecko) NintendoBrowser/2.0.0.9362.US" },
    { V, 0, SLATE("BRAVIA 4K") " PlutoTV/5.1" },
    { V, 0, SLATE("AFTMM") " Molotov.tv/5" },
    { V, 0, SLATE("MIBOX4") " Dropbox/350" },
    { V, 0, SLATE("VIDAA TV") " PlutoTV/5" },
    { V, 0, "Mozilla/5.0 (Linux; U; VIZIO SmartCast) " KIT CHROME "Safari/537.36" },
    { V, 0, "PlutoTV/5 (Linux; Android 9; AFTMM)" },
    { V, 0, "PlutoTV/5 (Linux; Android 9; BRAVIA 4K)" },
    { V, 0, "Mozilla/5.0 (DirectFB; Linux; CE-HTML/1.0) " KIT },
    { V, 0,
      "Opera/9.80 (Linux armv7l; HbbTV/1.2.1 (; Philips; 40HFL5010T12; ; PHILIPSTV; CE-HTML/1.0)) Presto/2.12.407 Version/12.50" },
    { V, 0, SLATE("GoogleTV") },
    { V, 0, SLATE("MiTV4; TV") },
};

/* Crawlers for language models. */
static const row ai[] = {
    { 0, BOT(AI), AGENT("Amzn-SearchBot/0.1") },
    { 0, BOT(AI), AGENT("Amzn-User/0.1") },
    { 0, BOT(AI), AGENT("Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot") },
    { 0, BOT(AI), PLAIN("Google-CloudVertexBot; +https://cloud.google.com/enterprise-search") },
    { 0, BOT(AI), "Google-NotebookLM" },
    { 0, BOT(AI), PLAIN("Google-NotebookLM") },
    { 0, BOT(AI), "Gemini-Deep-Research" },
    { 0, BOT(AI), AGENT("Gemini-Deep-Research; +https://gemini.google/overview/deep-research/") },
    { 0, BOT(AI), AGENT("GoogleAgent-Mariner; +https://developers.google.com") },
    { 0, BOT(AI), "DuckAssistBot/1.2; (+http://duckduckgo.com/duckassistbot.html)" },
    { 0, BOT(AI), AGENT("ChatGPT-Browser/1.0") },
    { 0, BOT(AI), AGENT("ChatGPT-User/1.0; +https://openai.com/bot") },
    { 0, BOT(AI), AGENT("GPTBot/1.2; +https://openai.com/gptbot") },
    { 0, BOT(AI), AGENT("OAI-SearchBot/1.0; +https://openai.com/searchbot") },
    { 0, BOT(AI), PLAIN("YouBot/1.0") },
    { 0, BOT(AI), "xAI-Bot/1.0" },
    { 0, BOT(AI), AGENT("xAI-Bot/1.0") },
    { 0, BOT(AI), AGENT("Kimi/1.0") },
    { 0, BOT(AI), "Kimi/1.0" },
    { 0, BOT(AI), PLAIN("PanguBot; pangubot@huawei.com") },
    { 0, BOT(AI), AGENT("Devin/1.0; +https://devin.ai") },
    { 0, BOT(AI), "Devin/1.0" },
    { 0, BOT(AI), WINDOWS "; Manus-User/1.0" },
    { 0, BOT(AI), "HuggingFace-Bot/1.0" },
    { 0, BOT(AI), PLAIN("HuggingFace-Bot/1.0") },
    { 0, BOT(AI), "FirecrawlAgent" },
    { 0, BOT(AI), WINDOWS " FirecrawlAgent/1.0" },
    { 0, BOT(AI), "Applebot-Extended/0.1" },
    { 0, BOT(AI), AGENT("ClaudeBot/1.0; +claudebot@anthropic.com") },
    { 0, BOT(AI), AGENT("PerplexityBot/1.0; +https://perplexity.ai/perplexitybot") },
    { 0, BOT(AI), AGENT("Bytespider; spider-feedback@bytedance.com") },
};
static const row ai_not[] = {
    { 0, BOT(SEARCH), AGENT("Googlebot/2.1; +http://www.google.com/bot.html") },
    { 0, BOT(SEARCH), AGENT("bingbot/2.0; +http://www.bing.com/bingbot.htm") },
    { 0, BOT(SEARCH), MAC " (Applebot/0.1)" },
    { 0, BOT(SEARCH), "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)" },
    { 0, BOT(SEARCH), PLAIN("YandexBot/3.0; +http://yandex.com/bots") },
    { 0, BOT(SEARCH), PLAIN("Baiduspider/2.0") },
    { 0, BOT(OTHER), "Mediapartners-Google" },
    { 0, BOT(OTHER), PLAIN("GoogleOther") },
    { 0, BOT(OTHER), PLAIN("Google-InspectionTool/1.0;") },
    { 0, BOT(MONITOR), "Amazon-Route53-Health-Check-Service (ref 1)" },
    { 0, BOT(PREVIEW), "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)" },
    { 0, BOT(PREVIEW), "facebookexternalhit/1.1" },
    { 0, BOT(TOOL), "curl/8.4.0" },
    { 0, BOT(TOOL), "python-requests/2.31.0" },
    { M, 0, IPHONE "Kimi/2.1" },
    { M, 0, PHONE("Pixel 7") " Kimi/2.1" },
    { M, 0, IPHONE "Devin/1" },
    { M, 0, IPHONE "GSA/300.0.598994205" },
    { M, 0, PHONE("Pixel 7") " YouTube/19" },
    { M, 0, PHONE("Kimia 3") },
    { M, 0, PHONE("Devine X") },
    { D, 0, WINDOWS " Gemini/1" },
    { D, 0, WINDOWS },
    { D, 0, MAC },
    { D, 0, WINDOWS " ChatGPT/1.2024" },
    { M, 0, PHONE("Kimi") },
    { M, 0, IPHONE "Manus/1.0" },
};

/* Any name between "like Gecko; compatible;" and Chrome: browsers of people have none there. */
static const row compatible[] = {
    { 0, BOT(OTHER), AGENT("Foo/1.0") },
    { 0, BOT(OTHER), AGENT("Example/1.0") },
    { 0, BOT(OTHER), AGENT("Acme Reader/2") },
    { 0, BOT(OTHER), AGENT("x") },
    { 0, BOT(OTHER), AGENT("Nimbus/3.1; +https://nimbus.example/about") },
    { 0, BOT(OTHER), AGENT("Chrome/99") },
    { 0, BOT(OTHER), AGENT("Safari") },
    { 0, BOT(OTHER), AGENT("Android") },
    { 0, BOT(OTHER), AGENT("Windows NT 10.0") },
    { 0, BOT(OTHER), AGENT("7zip/1") },
    { 0, BOT(OTHER), AGENT("Opera/9") },
    { 0, BOT(OTHER), AGENT("Atlas/1.0") },
    { 0, BOT(OTHER), AGENT("Quartz-Reader/1.0") },
    { 0, BOT(OTHER), AGENT("Lighthouse_2/1.0") },
    { 0, BOT(OTHER), AGENT("A/1") },
    { 0, BOT(OTHER), AGENT("WebCopy/1.0") },
    { 0, BOT(OTHER), AGENT("iPhone") },
    { 0, BOT(OTHER), AGENT("Mozilla/5.0") },
    { 0, BOT(TOOL), AGENT("curl/8") },
    { 0, BOT(AI), AGENT("Kimi/1.0") },
    { 0, BOT(SEARCH), AGENT("bingbot/2.0") },
    { 0, BOT(OTHER),
      "Mozilla/5.0 (Linux; Android 11; Pixel 5) AppleWebKit/537.36 (KHTML, like Gecko; compatible; Foo/1.0) Chrome/116.0.0.0 Mobile Safari/537.36" },
    { 0, BOT(OTHER),
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko; compatible; Foo/1.0) Chrome/116.0.0.0 Safari/537.36" },
    { 0, BOT(OTHER),
      "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko; compatible; Foo/1.0) Version/16.6 Mobile/15E148 Safari/604.1" },
    { 0, BOT(OTHER),
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko; compatible; Foo/1.0) Chrome/116.0.0.0 Safari/537.36" },
};
static const row compatible_not[] = {
    { D, 0, WINDOWS },
    { D, 0, MAC },
    { D, 0, WINDOWS " compatible" },
    { D, 0, WINDOWS " (compatible)" },
    { D, 0, "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0)" },
    { D, 0, "Mozilla/5.0 (compatible; MSIE 9.0; Windows NT 6.1; Trident/5.0)" },
    { D, 0, "Mozilla/5.0 (compatible; MSIE 10.0; Windows NT 6.2; Trident/6.0)" },
    { D, 0, "Mozilla/5.0 (compatible; Konqueror/4.5; Linux) KHTML/4.5.4 (like Gecko)" },
    { D, 0, "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko" },
    { M, 0, PHONE("Pixel 7") },
    { M, 0, PHONE("SM-S918B") },
    { M, 0, IPHONE },
    { M | T, 0, IPAD },
    { T, 0, SLATE("SM-X706B") },
    { M, 0,
      "Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920)" },
    { D, 0,
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko; compatible) Chrome/99.0 Safari/537.36" },
    { D, 0,
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko; compatible; ) Chrome/99.0 Safari/537.36" },
    { D, 0,
      "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko; ) Chrome/99.0 Safari/537.36" },
    { D, 0, "Mozilla/5.0 (Windows NT 10.0; compatible; Foo) " KIT CHROME "Safari/537.36" },
    { D, 0, "Mozilla/5.0 (X11; Linux x86_64) " KIT CHROME "Safari/537.36" },
    { D, 0, "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0" },
    { D, 0, "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18" },
    { D, 0, "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) " KIT CHROME "Safari/537.36" },
    { D, 0, WINDOWS " Edg/123.0.2420.81" },
    { D, 0, WINDOWS " OPR/108.0.0.0" },
};

/* Tools, too, name the operating system. */
static const row tools[] = {
    { 0, BOT(TOOL),
      "Mozilla/5.0 (Windows NT; Windows NT 10.0; en-US) WindowsPowerShell/5.1.19041.1" },
    { 0, BOT(TOOL), "WindowsPowerShell/5.1" },
    { 0, BOT(TOOL),
      "pip/24.0 {\"ci\":null,\"cpu\":\"x86_64\",\"distro\":{\"name\":\"Ubuntu\"},\"python\":\"3.11\",\"system\":{\"name\":\"Linux\",\"release\":\"6.1\"}}" },
    { 0, BOT(TOOL),
      "pip/24.0 {\"cpu\":\"arm64\",\"distro\":{\"name\":\"macOS\"},\"system\":{\"name\":\"Darwin\",\"release\":\"23.2.0\"}}" },
    { 0, BOT(TOOL), "pip/23.3 {\"system\":{\"name\":\"Windows\",\"release\":\"10\"}}" },
    { 0, BOT(TOOL),
      "docker/24.0.5 go/go1.20.3 git-commit/a61e2b4 kernel/6.1 os/linux arch/amd64 UpstreamClient(Docker-Client/24.0.5 \\(linux\\))" },
    { 0, BOT(TOOL), "docker/24.0.5 (linux)" },
    { 0, BOT(TOOL), "docker/24.0.5 (windows)" },
    { 0, BOT(TOOL), "kubectl/v1.29.0 (linux/amd64) kubernetes/3f7a50f" },
    { 0, BOT(TOOL), "kubectl/v1.29.0 (darwin/arm64) kubernetes/3f7a50f" },
    { 0, BOT(TOOL), "kubectl.exe/v1.29.0 (windows/amd64)" },
    { 0, BOT(TOOL), "Gradle/7.1 (Linux;5.4.0;amd64) (Oracle;11;11.0.11)" },
    { 0, BOT(TOOL), "Gradle/8.5 (Mac OS X;14.2;aarch64)" },
    { 0, BOT(TOOL), "Gradle/8.5 (Windows 10;10.0;amd64)" },
    { 0, BOT(TOOL), "aws-sdk-go-v2/1.24.1 os/linux lang/go#1.21.5 md/GOOS#linux" },
    { 0, BOT(TOOL), "aws-cli/2.15.0 Python/3.11.6 Darwin/23.2.0 exe/x86_64" },
    { 0, BOT(TOOL), "aws-cli/2.15.0 Python/3.11.6 Windows/10 exe/AMD64" },
    { 0, BOT(TOOL), "aws-sdk-java/2.20 Linux/5.10 OpenJDK" },
    { 0, BOT(TOOL), "helm/3.13.1 (linux)" },
    { 0, BOT(TOOL), "Terraform/1.6 (linux; amd64)" },
    { 0, BOT(TOOL), "Syncer/4.1 (Linux x86_64)" },
    { 0, BOT(TOOL), "backup-tool 1.0 Windows" },
    { 0, BOT(TOOL), "rclone-like/1 os/linux" },
    { 0, BOT(TOOL), "Agentless/1 (Ubuntu)" },
    { 0, BOT(TOOL), "Apache-Maven/3.9 (Java 17; Linux 6.1)" },
    { 0, BOT(TOOL), "npm/10.2.3 node/v20.10.0 linux x64 workspaces/false" },
    { 0, BOT(TOOL), "loader/2 (FreeBSD)" },
};
static const row tools_not[] = {
    { D, 0, WINDOWS },
    { D, 0, MAC },
    { D, 0, "Mozilla/5.0 (X11; Linux x86_64) " KIT CHROME "Safari/537.36" },
    { D, 0, "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0" },
    { D, 0, "Mozilla/5.0 (X11; Linux x86_64)" },
    { D, 0, "Mozilla/5.0 (Windows NT 10.0; Win64; x64)" },
    { D, 0, "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7)" },
    { D, 0, "Mozilla/5.0 (X11; FreeBSD amd64; rv:122.0) Gecko/20100101 Firefox/122.0" },
    { D, 0, "Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1" },
    { D, 0, "ELinks/0.12 (textmode; Linux 5.4; 80x24)" },
    { D, 0, "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18" },
    { M, 0, "News/12 CFNetwork/1410.0.3 Darwin/22.4.0" },
    { M, 0, "Player/3.1 (iPhone; iOS 16.2; Scale/3.00)" },
    { D, 0, "Safari/16617.1.17 CFNetwork/902.3.1 Darwin/17.7.0 (x86_64)" },
    { M, 0, DALVIK("V2027") },
    { M, 0, "Snapchat/11.5 (SM-A515F; Android 11; gzip)" },
    { M, 0, "WhatsApp/2.11 Android/4.1 Device/X" },
    { M, 0, PHONE("Pixel 7") },
    { D, 0, "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5; Pro; ms-office)" },
    { D, 0, "w3m/0.5.3+git20230121 Linux" },
    { V, 0, "Roku/DVP-9.10 (519.10E04111A)" },
    { M | T, 0, IPAD },
    { M, 0, IPHONE },
    { D, 0, "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1)" },
    { M, 0, "BlackBerry8520/5.0.0.592 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/168" },
};

/* Names of phones that end like names of tablets; names of notebooks with Android. */
static const row makers[] = {
    { M, 0, PHONE("Coolpad 3622A") },
    { M, 0, DALVIK("Coolpad 8297") },
    { M, 0, PHONE("Coolpad_E570") },
    { M, 0, PHONE("ASUS PadFone") },
    { M, 0, PHONE("PadFone T004") },
    { M, 0, DALVIK("PadFone 2") },
    { T, 0, SLATE("Tablet PC") },
    { T, 0, SLATE("Acer Aspire") },
    { T, 0, SLATE("Latitude 10") },
    { T, 0, SLATE("Inspiron Duo") },
    { M, 0, PHONE("BlackBerry BBB100-1") },
    { M, 0, PHONE("BlackBerry; STV100-3") },
    { M, 0,
      "[FBAN/FB4A;FBAV/360.0.0.30.113;FBBV/348590372;FBDM/{density=2.0,width=720,height=1440};]" },
    { M, 0, "[FBAN/FBIOS;FBAV/360.0.0.30.113;FBDV/iPhone12,1;]" },
    { M, 0, PHONE("Pixel 7") " [FBAN/FB4A;FBAV/1]" },
};
static const row makers_not[] = {
    { T | M, 0, PHONE("MediaPad T5") },
    { T | M, 0, PHONE("MatePad Pro") },
    { T, 0,
      "Mozilla/5.0 (PlayBook; U; RIM Tablet OS 2.1.0; en-US) AppleWebKit/536.2+ (KHTML, like Gecko) Version/7.2.1.0 Safari/536.2+" },
    { D, 0, "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; Tablet PC 2.0)" },
    { D, 0, SLATE("Chromebook Flip") },
    { D, 0, "Mozilla/5.0 (Windows NT 10.0; Aspire) " KIT CHROME "Safari/537.36" },
    { M, 0,
      "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.1.0.1429 Mobile Safari/537.10+" },
    { M | T, 0, IPAD "[FBAN/FBIOS;FBDV/iPad7,5;]" },
    { T | M, 0, PHONE("SM-T515") " [FBAN/FB4A;]" },
};

/* The same word in another product. */
static const struct {
    edgefn_bot bot;
    edgefn_browser browser;
    const char *text;
} others[] = {
    { 0, EDGEFN_BROWSER_CHROME, PHONE("SM-G991N") " DaumApps/8.1" },
    { 0, EDGEFN_BROWSER_UNKNOWN, IPHONE "DaumApps/8.1 DaumDevice/mobile" },
    { BOT(OTHER), EDGEFN_BROWSER_UNKNOWN,
      "Mozilla/5.0 (compatible; Daum/4.1; +http://cs.daum.net/)" },
    { BOT(OTHER), EDGEFN_BROWSER_UNKNOWN,
      "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) Daumoa/4.0" },
    { 0, EDGEFN_BROWSER_CHROME, WINDOWS " Operator/1.0" },
    { 0, EDGEFN_BROWSER_CHROME, WINDOWS " Operators" },
    { 0, EDGEFN_BROWSER_OPERA, "Opera/9.80 (Windows NT 6.1) Presto/2.12.388 Version/12.18" },
    { 0, EDGEFN_BROWSER_OPERA, WINDOWS " OPR/108.0" },
    { 0, EDGEFN_BROWSER_OPERA_MINI,
      "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10" },
    { 0, EDGEFN_BROWSER_UNKNOWN,
      "Microsoft Office/16.0 (Windows NT 10.0; Microsoft Outlook 16.0.5; Pro; ms-office)" },
    { 0, EDGEFN_BROWSER_CHROME, WINDOWS " Microsoft Office" },
    { 0, EDGEFN_BROWSER_EDGE, WINDOWS " Edg/123.0" },
    { BOT(OTHER), EDGEFN_BROWSER_UNKNOWN, "Amazon Simple Notification Service Agent" },
    { 0, EDGEFN_BROWSER_SILK, SLATE("KFMAWI") " Silk/108.4" },
    { 0, EDGEFN_BROWSER_IE,
      "Mozilla/5.0 (Mobile; Windows Phone 8.1; Android 4.0; ARM; Trident/7.0; Touch; rv:11.0; IEMobile/11.0; NOKIA; Lumia 520) like iPhone OS 7_0_3 Mac OS X AppleWebKit/537 (KHTML, like Gecko) Mobile Safari/537" },
};

/* The name of a manufacturer is not an operating system. */
static const struct {
    edgefn_os os;
    const char *text;
} systems[] = {
    { EDGEFN_OS_ANDROID, PHONE("BlackBerry BBB100-1") },
    { EDGEFN_OS_ANDROID, PHONE("BlackBerry; STV100-3") },
    { EDGEFN_OS_ANDROID, PHONE("STV100-3 Build/MMB29M) (BlackBerry") },
    { EDGEFN_OS_ANDROID,
      "Mozilla/5.0 (BlackBerry; Android 6.0; STV100-1) " KIT CHROME "Mobile Safari/537.36" },
    { EDGEFN_OS_ANDROID, SLATE("Tablet PC") },
    { EDGEFN_OS_ANDROID, SLATE("Latitude 10") },
    { EDGEFN_OS_ANDROID, "[FBAN/FB4A;FBAV/360.0.0.30.113;FBBV/348590372;]" },
    { EDGEFN_OS_IOS, "[FBAN/FBIOS;FBAV/360.0.0.30.113;FBDV/iPhone12,1;]" },
    { EDGEFN_OS_IOS, "TizenRemote/1.0 (iPhone; Tizen)" },
    { EDGEFN_OS_BLACKBERRY,
      "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.1.0.1429 Mobile Safari/537.10+" },
    { EDGEFN_OS_BLACKBERRY,
      "BlackBerry8520/5.0.0.592 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/168" },
};

#define TABLES(X)                                                                                  \
  X(short_words)                                                                                   \
  X(short_words_not)                                                                               \
  X(app_names)                                                                                     \
  X(app_names_not)                                                                                 \
  X(ai) X(ai_not) X(compatible) X(compatible_not) X(tools) X(tools_not) X(makers) X(makers_not)
#define TABLE(name) { #name, name, COUNT(name) },
static const struct {
    const char *name;
    const row *rows;
    size_t n;
} all[] = { TABLES(TABLE) };

static bool right(const char *table, const row *r, edgefn_str text, const char *how)
{
    ROW("%s, %s: %.*s", table, how, (int)text.len, text.ptr);
    edgefn_ua ua = edgefn_ua_parse(text);
    bool bot = CHECK_NUM(ua.bot, r->bot),
         device = r->device == 0 || CHECK_NUM(ua.device & FORMS, r->device);
    return bot && device;
}

/* Each text unchanged, in lower case, and with an unknown word and a number appended. */
TEST(kinds)
{
    char text[512];
    for (size_t t = 0; t < COUNT(all); t++) {
        for (size_t i = 0; i < all[t].n; i++) {
            const row *r = &all[t].rows[i];
            size_t n = strlen(r->text);
            right(all[t].name, r, guard_copy(r->text, n), "unchanged");
            for (size_t k = 0; k < n; k++)
                text[k] =
                    (char)(r->text[k] >= 'A' && r->text[k] <= 'Z' ? r->text[k] + 32 : r->text[k]);
            right(all[t].name, r, guard_copy(text, n), "lower case");
            size_t m = (size_t)snprintf(text, sizeof text, "%s Zqx/3.1 1234", r->text);
            right(all[t].name, r, guard_copy(text, m), "with more text");
        }
    }
}

TEST(other_products)
{
    for (size_t i = 0; i < COUNT(others); i++) {
        ROW("%s", others[i].text);
        edgefn_ua ua = edgefn_ua_parse(guard_copy(others[i].text, strlen(others[i].text)));
        CHECK_NUM(ua.bot, others[i].bot);
        CHECK_NUM(ua.browser, others[i].browser);
    }
}

TEST(systems_by_their_name)
{
    for (size_t i = 0; i < COUNT(systems); i++) {
        ROW("%s", systems[i].text);
        CHECK_NUM(edgefn_ua_parse(guard_copy(systems[i].text, strlen(systems[i].text))).os,
                  systems[i].os);
    }
}

/* A truncated text in a block of its own has the same result as with other bytes after it. */
TEST(nothing_after_the_end_counts)
{
    static const char after[] = "bot/1.0 TV Mobile; compatible; Googlebot/2.1 iPhone";
    char text[600];
    for (size_t t = 0; t < COUNT(all); t++) {
        for (size_t i = 0; i < all[t].n; i++) {
            const char *from = all[t].rows[i].text;
            bool held = true;
            ROW("%s: %s", all[t].name, from);
            for (size_t k = 0, n = strlen(from); k <= n && held; k++) {
                char *own = (char *)malloc(k + (k == 0));
                memcpy(own, from, k);
                memcpy(text, from, k);
                memcpy(text + k, after, sizeof after);
                edgefn_ua a = edgefn_ua_parse((edgefn_str){ own, k }),
                          b = edgefn_ua_parse((edgefn_str){ text, k });
                held &= CHECK(a.device == b.device && a.os == b.os && a.browser == b.browser
                              && a.major == b.major && a.bot == b.bot
                              && a.bot_name.len == b.bot_name.len);
                free(own);
            }
        }
    }
}
