/* User agents, devices and bots: one row per behaviour; the order of evidence in events; texts
   that only an attacker would send. */
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
    I = EDGEFN_DEVICE_IOS,
    A = EDGEFN_DEVICE_ANDROID
};
#define OS(name)      EDGEFN_OS_##name
#define BROWSER(name) EDGEFN_BROWSER_##name
#define BOT(kind)     EDGEFN_BOT_##kind

static const struct {
    uint32_t device;
    edgefn_os os;
    edgefn_browser browser;
    uint32_t major;
    edgefn_bot bot;
    const char *name, *text;
} agents[] = {
    { M | I, OS(IOS), BROWSER(SAFARI), 17, BOT(NONE), NULL,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4 Mobile/15E148 Safari/604.1" },
    { M | I, OS(IOS), BROWSER(CHROME), 121, BOT(NONE), NULL,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 16_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/121.0.6167.66 Mobile/15E148 Safari/604.1" },
    { M | I, OS(IOS), BROWSER(FIREFOX), 122, BOT(NONE), NULL,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 15_2 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) FxiOS/122.0 Mobile/15E148 Safari/605.1.15" },
    { M | I, OS(IOS), BROWSER(EDGE), 120, BOT(NONE), NULL,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_1 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 EdgiOS/120.0.2210.116 Mobile/15E148 Safari/604.1" },
    { M | I, OS(IOS), BROWSER(DUCKDUCKGO), 17, BOT(NONE), NULL,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1 Ddg/17.0" },
    { M | I, OS(IOS), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 14_7 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/15E148 [FBAN/FBIOS;FBDV/iPhone12,1;FBMD/iPhone]" },
    { M | I, OS(IOS), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (iPhone; CPU iPhone OS 16_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Mobile/20A362 Instagram 250.0.0.1" },
    { M | I, OS(IOS), BROWSER(SAFARI), 12, BOT(NONE), NULL,
      "Mozilla/5.0 (iPod touch; CPU iPhone OS 12_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/12.1 Mobile/15E148 Safari/604.1" },
    { M | I, OS(IOS), BROWSER(SAFARI), 4, BOT(NONE), NULL,
      "Mozilla/5.0 (iPhone; U; CPU iPhone OS 3_0 like Mac OS X; en-us) AppleWebKit/528.18 (KHTML, like Gecko) Version/4.0 Mobile/7A341 Safari/528.16" },
    { M | I, OS(IOS), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "News/12 CFNetwork/1410.0.3 Darwin/22.4.0" },
    { M | I, OS(IOS), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Player/3.1 (iPhone; iOS 16.2; Scale/3.00)" },
    { M | A, OS(ANDROID), BROWSER(CHROME), 124, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(CHROME), 116, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 13; Pixel 7 Pro) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Mobile Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(SAMSUNG), 23, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 14; SM-S918B) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/23.0 Chrome/115.0.0.0 Mobile Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(FIREFOX), 121, BOT(NONE), NULL,
      "Mozilla/5.0 (Android 13; Mobile; rv:121.0) Gecko/121.0 Firefox/121.0" },
    { M | A, OS(ANDROID), BROWSER(MIUI), 13, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 12; M2102J20SG) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/100.0.4896.127 Mobile Safari/537.36 XiaoMi/MiuiBrowser/13.30.1-gn" },
    { M | A, OS(ANDROID), BROWSER(HUAWEI), 13, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 10; LYA-L29) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.88 HuaweiBrowser/13.0.5.303 Mobile Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(OPERA), 73, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 9; Redmi Note 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/110.0.0.0 Mobile Safari/537.36 OPR/73.2.3844.69816" },
    { M | A, OS(ANDROID), BROWSER(UC), 13, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; U; Android 8.1.0; en-US; Moto G6) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/78.0.3904.108 UCBrowser/13.4.0.1306 Mobile Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(YANDEX), 23, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; arm_64; Android 12; RMX3085) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.0.0 YaBrowser/23.1.1.100.00 SA/3 Mobile Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(EDGE), 119, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 11; CPH2211) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 EdgA/119.0.2151.92" },
    { M | A, OS(ANDROID), BROWSER(ANDROID), 4, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; U; Android 2.3.6; en-gb; GT-S5360 Build/GINGERBREAD) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1" },
    { M | A, OS(ANDROID), BROWSER(CHROME), 91, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 8.0; CUBOT_NOVA) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/91.0.4472.120 Mobile Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(CHROME), 80, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 7.0; Letv X501) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/80.0.3987.99 Mobile Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(CHROME), 101, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 12; SM-F926B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/101.0.0.0 Safari/537.36" },
    { M | A, OS(ANDROID), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Dalvik/2.1.0 (Linux; U; Android 11; V2027 Build/RP1A.200720.012)" },
    { M | A, OS(ANDROID), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Snapchat/11.5 (SM-A515F; Android 11; gzip)" },
    { M, OS(KAIOS), BROWSER(FIREFOX), 48, BOT(NONE), NULL,
      "Mozilla/5.0 (Mobile; Nokia 8110 4G; rv:48.0) Gecko/48.0 Firefox/48.0 KAIOS/2.5" },
    { M, OS(WINDOWS_PHONE), BROWSER(EDGE), 15, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows Phone 10.0; Android 6.0.1; Microsoft; Lumia 950) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/52.0.2743.116 Mobile Safari/537.36 Edge/15.15063" },
    { M, OS(WINDOWS_PHONE), BROWSER(IE), 10, BOT(NONE), NULL,
      "Mozilla/5.0 (compatible; MSIE 10.0; Windows Phone 8.0; Trident/6.0; IEMobile/10.0; ARM; Touch; NOKIA; Lumia 920)" },
    { M, OS(BLACKBERRY), BROWSER(SAFARI), 10, BOT(NONE), NULL,
      "Mozilla/5.0 (BB10; Touch) AppleWebKit/537.10+ (KHTML, like Gecko) Version/10.1.0.1429 Mobile Safari/537.10+" },
    { M, OS(BLACKBERRY), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "BlackBerry8520/5.0.0.592 Profile/MIDP-2.1 Configuration/CLDC-1.1 VendorID/168" },
    { M, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Nokia6120c/3.83; Profile/MIDP-2.0 Configuration/CLDC-1.1" },
    { M, OS(SYMBIAN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (SymbianOS/9.4; Series60/5.0 NokiaN97-1/10.0.012; Profile/MIDP-2.1) AppleWebKit/525 (KHTML, like Gecko) BrowserNG/7.1.4" },
    { M, OS(UNKNOWN), BROWSER(OPERA_MINI), 7, BOT(NONE), NULL,
      "Opera/9.80 (J2ME/MIDP; Opera Mini/7.1.32052/29.3709; U; en) Presto/2.8.119 Version/11.10" },
    { M, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "SonyEricssonW995/R1HA Browser/NetFront/3.4 Profile/MIDP-2.1" },
    { M, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL, "SAMSUNG-E2252/1.0" },
    { M, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL, "LG-KP500 Teleca/WAP2.0" },
    { M, OS(UNKNOWN), BROWSER(UC), 9, BOT(NONE), NULL,
      "UCWEB/2.0 (Java; U; MIDP-2.0; en-US; nokia2690) U2/1.0.0 UCBrowser/9.4.1.482 U2/1.0.0 Mobile" },
    { M, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL, "DoCoMo/2.0 P900i(c100;TB;W24H11)" },
    { M, OS(TIZEN), BROWSER(SAMSUNG), 1, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Tizen 2.3; SAMSUNG SM-Z130H) AppleWebKit/537.3 (KHTML, like Gecko) SamsungBrowser/1.0 Mobile Safari/537.3" },
    { M, OS(PLAYSTATION), BROWSER(SILK), 3, BOT(NONE), NULL,
      "Mozilla/5.0 (PlayStation Vita 3.74) AppleWebKit/537.73 (KHTML, like Gecko) Silk/3.2" },
    { M, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (Nintendo 3DS; U; ; en) Version/1.7567.US" },
    { M | T | I, OS(IOS), BROWSER(SAFARI), 16, BOT(NONE), NULL,
      "Mozilla/5.0 (iPad; CPU OS 16_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/16.5 Mobile/15E148 Safari/604.1" },
    { M | T | I, OS(IOS), BROWSER(CHROME), 92, BOT(NONE), NULL,
      "Mozilla/5.0 (iPad; CPU OS 12_5_5 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) CriOS/92.0.4515.90 Mobile/15E148 Safari/604.1" },
    { T | A, OS(ANDROID), BROWSER(CHROME), 118, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 13; SM-X706B) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36" },
    { T | A, OS(ANDROID), BROWSER(SAMSUNG), 19, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 9; SM-T515) AppleWebKit/537.36 (KHTML, like Gecko) SamsungBrowser/19.0 Chrome/102.0.5005.125 Safari/537.36" },
    { T | A, OS(ANDROID), BROWSER(ANDROID), 4, BOT(NONE), NULL, "Mozilla/5.0 (Linux; U; Android 4.1.2; en-gb; GT-P5110 Build/JZO54K) AppleWebKit/534.30 (KHTML, like Gecko) Version/4.0 Safari/534.30" },
    { M | T | A, OS(ANDROID), BROWSER(CHROME), 120, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 10; Lenovo TB-X606F) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36" },
    { T | A, OS(ANDROID), BROWSER(SILK), 108, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 9; KFMAWI) AppleWebKit/537.36 (KHTML, like Gecko) Silk/108.4.6 like Chrome/108.0.5359.160 Safari/537.36" },
    { T | A, OS(ANDROID), BROWSER(SILK), 3, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; U; Android 4.0.3; en-us; KFTT Build/IML74K) AppleWebKit/535.19 (KHTML, like Gecko) Silk/3.4 Safari/535.19 Silk-Accelerated=true" },
    { T | A, OS(ANDROID), BROWSER(ANDROID), 5, BOT(NONE), NULL,
      "Mozilla/5.0 (X11; U; Linux armv7l like Android; en-us) AppleWebKit/531.2+ (KHTML, like Gecko) Version/5.0 Safari/533.2+ Kindle/3.0+" },
    { T | A, OS(ANDROID), BROWSER(CHROME), 61, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 7 Build/MOB30X) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/61.0.3163.98 Safari/537.36" },
    { T | A, OS(ANDROID), BROWSER(CHROME), 78, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 7.1.1; Pixel C) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/78.0.3904.108 Safari/537.36" },
    { T | A, OS(ANDROID), BROWSER(CHROME), 122, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 14; Pixel Tablet) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36" },
    { M | T | A, OS(ANDROID), BROWSER(CHROME), 70, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 8.0; MediaPad T5 Build/AGS2-L09) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/70.0.3538.80 Mobile Safari/537.36" },
    { M | T | A, OS(ANDROID), BROWSER(CHROME), 99, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 12; MatePad Pro) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0.4844.88 Mobile Safari/537.36" },
    { T | A, OS(ANDROID), BROWSER(ANDROID), 4, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; U; Android 3.0; en-us; Xoom Build/HRI39) AppleWebKit/534.13 (KHTML, like Gecko) Version/4.0 Safari/534.13" },
    { T | A, OS(ANDROID), BROWSER(FIREFOX), 114, BOT(NONE), NULL,
      "Mozilla/5.0 (Android 12; Tablet; rv:109.0) Gecko/114.0 Firefox/114.0" },
    { T, OS(BLACKBERRY), BROWSER(SAFARI), 7, BOT(NONE), NULL,
      "Mozilla/5.0 (PlayBook; U; RIM Tablet OS 2.1.0; en-US) AppleWebKit/536.2+ (KHTML, like Gecko) Version/7.2.1.0 Safari/536.2+" },
    { T, OS(LINUX), BROWSER(SAFARI), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (hp-tablet; Linux; hpwOS/3.0.5; U; en-US) AppleWebKit/534.6 (KHTML, like Gecko) wOSBrowser/234.83 Safari/534.6 TouchPad/1.0" },
    { M | T | A, OS(ANDROID), BROWSER(CHROME), 96, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 11; QTab 10) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/96.0.4664.45 Mobile Safari/537.36" },
    { M | T | A, OS(ANDROID), BROWSER(CHROME), 44, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 5.1; MID7015 Build/LMY47D) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/44.0.2403.119 Mobile Safari/537.36" },
    { M | T | A, OS(ANDROID), BROWSER(CHROME), 92, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 10; DTN-W09) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/92.0.4515.105 Mobile Safari/537.36" },
    { M | T | A, OS(ANDROID), BROWSER(ANDROID), 4, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; U; Android 4.4.2; SCH-I800) AppleWebKit/533.1 (KHTML, like Gecko) Version/4.0 Mobile Safari/533.1" },
    { T | A, OS(ANDROID), BROWSER(CHROME), 111, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 11; Nokia T20) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/111.0.0.0 Safari/537.36" },
    { T | A, OS(ANDROID), BROWSER(CHROME), 77, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 6.0; Unknown9 Build/MRA58K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/77.0.3865.92 Safari/537.36" },
    { V, OS(TIZEN), BROWSER(SAFARI), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (SMART-TV; Linux; Tizen 6.0) AppleWebKit/537.36 (KHTML, like Gecko) 76.0.3809.146/6.0 TV Safari/537.36" },
    { V, OS(TIZEN), BROWSER(SAFARI), 5, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Tizen 5.5) AppleWebKit/537.36 (KHTML, like Gecko) Version/5.5 Safari/537.36" },
    { V, OS(WEBOS), BROWSER(CHROME), 79, BOT(NONE), NULL,
      "Mozilla/5.0 (Web0S; Linux/SmartTV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/79.0.3945.79 Safari/537.36 WebAppManager" },
    { V | A, OS(ANDROID), BROWSER(CHROME), 104, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 9; BRAVIA 4K UR2 Build/PTT1.190515.001) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/104.0.5112.97 Safari/537.36" },
    { V | A, OS(ANDROID), BROWSER(CHROME), 70, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 7.1.2; AFTMM Build/NS6265; wv) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 Chrome/70.0.3538.110 Mobile Safari/537.36" },
    { V | A, OS(ANDROID), BROWSER(SILK), 112, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 9; AFTKA) AppleWebKit/537.36 (KHTML, like Gecko) Silk/112.2.9 like Chrome/112.0.5615.213 Safari/537.36" },
    { V, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL, "AppleTV11,1/11.1" },
    { V, OS(LINUX), BROWSER(CHROME), 90, BOT(NONE), NULL,
      "Mozilla/5.0 (X11; Linux armv7l) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.225 Safari/537.36 CrKey/1.56.500000" },
    { V, OS(ROKU), BROWSER(UNKNOWN), 0, BOT(NONE), NULL, "Roku/DVP-9.10 (519.10E04111A)" },
    { V, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "HbbTV/1.2.1 (;Panasonic;VIERA 2014;3.105;1101-0003;)" },
    { V, OS(LINUX), BROWSER(CHROME), 38, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; NetCast; U) AppleWebKit/537.31 (KHTML, like Gecko) Chrome/38.0.2125.122 Safari/537.31 SmartTV/7.0" },
    { V, OS(LINUX), BROWSER(OPERA), 12, BOT(NONE), NULL,
      "Opera/9.80 (Linux armv7l; HbbTV/1.2.1 (; Philips; 40HFL5010T12; ; PHILIPSTV; CE-HTML/1.0)) Presto/2.12.407 Version/12.50" },
    { V | A, OS(ANDROID), BROWSER(CHROME), 88, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 11; VIDAA TV) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/88.0.4324.152 Safari/537.36" },
    { V, OS(LINUX), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; U; Linux; ja-jp; DTV; TSBNetTV/T32013713.0203.7DD; TVwithVideoPlayer; like Linux) AppleWebKit/536 (KHTML, like Gecko)" },
    { V | A, OS(ANDROID), BROWSER(CHROME), 114, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 12; Chromecast) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/114.0.0.0 Safari/537.36" },
    { V | A, OS(ANDROID), BROWSER(CHROME), 108, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 9; MIBOX4) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/108.0.0.0 Safari/537.36" },
    { V | A, OS(ANDROID), BROWSER(CHROME), 98, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 7.1.2; MyTVBox) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/98.0.4758.101 Safari/537.36" },
    { V | A, OS(ANDROID), BROWSER(CHROME), 90, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 10; 55UHD1200 Build/QTG3.200305.006) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/90.0.4430.91 Safari/537.36" },
    { V | A, OS(ANDROID), BROWSER(CHROME), 95, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 9; X96mini) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/95.0.4638.50 Safari/537.36" },
    { V, OS(PLAYSTATION), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (PlayStation 4 9.00) AppleWebKit/605.1.15 (KHTML, like Gecko)" },
    { V, OS(PLAYSTATION), BROWSER(SAFARI), 13, BOT(NONE), NULL,
      "Mozilla/5.0 (PlayStation; PlayStation 5/5.10) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.0 Safari/605.1.15" },
    { V, OS(WINDOWS), BROWSER(EDGE), 16, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; Xbox; Xbox One) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/58.0.3029.110 Safari/537.36 Edge/16.16299" },
    { V, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (Nintendo WiiU) AppleWebKit/536.28 (KHTML, like Gecko) NX/3.0.3.12.6 NintendoBrowser/2.0.0.9362.US" },
    { D, OS(WINDOWS), BROWSER(CHROME), 124, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Safari/537.36" },
    { D, OS(WINDOWS), BROWSER(EDGE), 123, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36 Edg/123.0.2420.81" },
    { D, OS(WINDOWS), BROWSER(FIREFOX), 125, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:125.0) Gecko/20100101 Firefox/125.0" },
    { D,
      OS(WINDOWS), BROWSER(OPERA), 108, BOT(NONE), NULL, "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36 OPR/108.0.0.0" },
    { D, OS(WINDOWS), BROWSER(IE), 11, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 6.1; WOW64; Trident/7.0; rv:11.0) like Gecko" },
    { D, OS(WINDOWS), BROWSER(IE), 8, BOT(NONE), NULL,
      "Mozilla/4.0 (compatible; MSIE 8.0; Windows NT 6.1; Trident/4.0; .NET CLR 2.0.50727; Tablet PC 2.0)" },
    { D, OS(WINDOWS), BROWSER(IE), 6, BOT(NONE), NULL,
      "Mozilla/4.0 (compatible; MSIE 6.0; Windows NT 5.1; EmbeddedWB 14.52 from: http://bsalsa.com/ )" },
    { D, OS(MACOS), BROWSER(SAFARI), 17, BOT(NONE), NULL,
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.4.1 Safari/605.1.15" },
    { D, OS(MACOS), BROWSER(CHROME), 123, BOT(NONE), NULL,
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/123.0.0.0 Safari/537.36" },
    { D, OS(MACOS), BROWSER(FIREFOX), 124, BOT(NONE), NULL,
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:124.0) Gecko/20100101 Firefox/124.0" },
    { D, OS(LINUX), BROWSER(CHROME), 122, BOT(NONE), NULL,
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.0.0 Safari/537.36" },
    { D, OS(LINUX), BROWSER(FIREFOX), 124, BOT(NONE), NULL,
      "Mozilla/5.0 (X11; Ubuntu; Linux x86_64; rv:124.0) Gecko/20100101 Firefox/124.0" },
    { D, OS(CHROMEOS), BROWSER(CHROME), 121, BOT(NONE), NULL,
      "Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/121.0.0.0 Safari/537.36" },
    { D, OS(LINUX), BROWSER(FIREFOX), 122, BOT(NONE), NULL,
      "Mozilla/5.0 (X11; FreeBSD amd64; rv:122.0) Gecko/20100101 Firefox/122.0" },
    { D, OS(WINDOWS), BROWSER(YANDEX), 24, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 YaBrowser/24.1.0.0 Safari/537.36" },
    { D, OS(WINDOWS), BROWSER(VIVALDI), 6, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/118.0.0.0 Safari/537.36 Vivaldi/6.4.3160.34" },
    { D, OS(WINDOWS), BROWSER(WHALE), 3, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/116.0.0.0 Whale/3.22.205.18 Safari/537.36" },
    { D, OS(WINDOWS), BROWSER(QQ), 12, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; WOW64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/94.0.4606.71 Safari/537.36 Core/1.94.225.400 QQBrowser/12.2.5544.400" },
    { D, OS(WINDOWS), BROWSER(OPERA), 12, BOT(NONE), NULL,
      "Opera/9.80 (Windows NT 6.1; WOW64) Presto/2.12.388 Version/12.18" },
    { D, OS(LINUX), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Mozilla/5.0 (compatible; Konqueror/4.5; Linux) KHTML/4.5.4 (like Gecko)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(NONE), NULL,
      "Lynx/2.8.9rel.1 libwww-FM/2.14 SSL-MM/1.4.1" },
    { D, OS(WINDOWS), BROWSER(CHROME), 102, BOT(NONE), NULL,
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Teams/1.6.00 Chrome/102.0.5005.167 Electron/19.1.8 Safari/537.36" },
    { D | A, OS(ANDROID), BROWSER(CHROME), 85, BOT(NONE), NULL,
      "Mozilla/5.0 (Linux; Android 9; Chromebook Flip) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/85.0.4183.127 Safari/537.36" },
    { D, OS(MACOS), BROWSER(SAFARI), 0, BOT(NONE), NULL,
      "Safari/16617.1.17 CFNetwork/902.3.1 Darwin/17.7.0 (x86_64)" },
    { D, OS(LINUX), BROWSER(CHROME), 120, BOT(NONE), NULL,
      "Mozilla/5.0 (X11; Linux x86_64; Quest 3) AppleWebKit/537.36 (KHTML, like Gecko) OculusBrowser/30.1.0 Chrome/120.0.6099.230 VR Safari/537.36" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "Googlebot",
      "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" },
    { M | A, OS(ANDROID), BROWSER(CHROME), 122, BOT(SEARCH), "Googlebot",
      "Mozilla/5.0 (Linux; Android 6.0.1; Nexus 5X Build/MMB29P) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/122.0.6261.94 Mobile Safari/537.36 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "bingbot",
      "Mozilla/5.0 (compatible; bingbot/2.0; +http://www.bing.com/bingbot.htm)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "YandexBot",
      "Mozilla/5.0 (compatible; YandexBot/3.0; +http://yandex.com/bots)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "Baiduspider",
      "Mozilla/5.0 (compatible; Baiduspider/2.0; +http://www.baidu.com/search/spider.html)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "DuckDuckBot",
      "DuckDuckBot/1.1; (+http://duckduckgo.com/duckduckbot.html)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "Slurp",
      "Mozilla/5.0 (compatible; Yahoo! Slurp; http://help.yahoo.com/help/us/ysearch/slurp)" },
    { D, OS(MACOS), BROWSER(SAFARI), 13, BOT(SEARCH), "Applebot",
      "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_5) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/13.1.1 Safari/605.1.15 (Applebot/0.1)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "SeznamBot",
      "Mozilla/5.0 (compatible; SeznamBot/4.0; +http://napoveda.seznam.cz/seznambot-intro/)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "PetalBot",
      "Mozilla/5.0 (compatible; PetalBot;+https://webmaster.petalsearch.com/site/petalbot)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "Googlebot-Image", "Googlebot-Image/1.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(SEARCH), "Yeti",
      "Mozilla/5.0 (compatible; Yeti/1.1; +http://naver.me/spd)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "facebookexternalhit",
      "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "Twitterbot", "Twitterbot/1.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "Slackbot-LinkExpanding",
      "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "Slack-ImgProxy",
      "Slack-ImgProxy (+https://api.slack.com/robots)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "Discordbot",
      "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "TelegramBot",
      "TelegramBot (like TwitterBot)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "LinkedInBot",
      "LinkedInBot/1.0 (compatible; Mozilla/5.0; Apache-HttpClient +http://www.linkedin.com)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "WhatsApp", "WhatsApp/2.23.20.0 A" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(PREVIEW), "redditbot",
      "Mozilla/5.0 (compatible; redditbot/1.0; +http://www.reddit.com/feedback)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(MONITOR), "UptimeRobot",
      "Mozilla/5.0 (compatible; UptimeRobot/2.0; http://www.uptimerobot.com/)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(MONITOR), "Pingdom.com_bot_version_1.4_",
      "Pingdom.com_bot_version_1.4_(http://www.pingdom.com/)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(MONITOR), "Amazon-Route53-Health-Check-Service",
      "Amazon-Route53-Health-Check-Service (ref 0000; report http://amzn.to/1vsZADi)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(MONITOR), "ELB-HealthChecker",
      "ELB-HealthChecker/2.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(MONITOR), "Uptime-Kuma", "Uptime-Kuma/1.21.3" },
    { M | A, OS(ANDROID), BROWSER(CHROME), 119, BOT(MONITOR), "Chrome-Lighthouse",
      "Mozilla/5.0 (Linux; Android 11; moto g power (2022)) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/119.0.0.0 Mobile Safari/537.36 Chrome-Lighthouse" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(MONITOR), "kube-probe", "kube-probe/1.27" },
    { D, OS(WINDOWS), BROWSER(CHROME), 107, BOT(MONITOR), "PTST",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/107.0.5304.122 Safari/537.36 PTST/221130" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(AI), "GPTBot",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(AI), "ChatGPT-User",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko); compatible; ChatGPT-User/1.0; +https://openai.com/bot" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(AI), "ClaudeBot",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; ClaudeBot/1.0; +claudebot@anthropic.com)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(AI), "PerplexityBot",
      "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; PerplexityBot/1.0; +https://perplexity.ai/perplexitybot)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(AI), "CCBot",
      "CCBot/2.0 (https://commoncrawl.org/faq/)" },
    { M | A, OS(ANDROID), BROWSER(ANDROID), 0, BOT(AI), "Bytespider",
      "Mozilla/5.0 (Linux; Android 5.0) AppleWebKit/537.36 (KHTML, like Gecko) Mobile Safari/537.36 (compatible; Bytespider; spider-feedback@bytedance.com)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(AI), "meta-externalagent",
      "meta-externalagent/1.1 (+https://developers.facebook.com/docs/sharing/webmasters/crawler)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(AI), "Amazonbot",
      "Mozilla/5.0 (compatible; Amazonbot/0.1; +https://developer.amazon.com/support/amazonbot)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(AI), "anthropic-ai",
      "Mozilla/5.0 (compatible; anthropic-ai/1.0; +http://www.anthropic.com/bot.html)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "curl", "curl/8.4.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "Wget", "Wget/1.21.4" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "python-requests", "python-requests/2.31.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "Python", "Python/3.11 aiohttp/3.9.1" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "axios", "axios/1.6.2" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "node-fetch",
      "node-fetch/1.0 (+https://github.com/bitinn/node-fetch)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "okhttp", "okhttp/4.12.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "Go-http-client", "Go-http-client/2.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "Java", "Java/17.0.9" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "Apache-HttpClient",
      "Apache-HttpClient/4.5.14 (Java/11.0.20)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "PostmanRuntime", "PostmanRuntime/7.36.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "Amazon", "Amazon CloudFront" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "GuzzleHttp", "GuzzleHttp/7" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "libwww-perl", "libwww-perl/6.72" },
    { D, OS(LINUX), BROWSER(SAFARI), 0, BOT(TOOL), "HeadlessChrome",
      "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) HeadlessChrome/119.0.6045.105 Safari/537.36" },
    { D, OS(LINUX), BROWSER(SAFARI), 0, BOT(TOOL), "PhantomJS",
      "Mozilla/5.0 (Unknown; Linux x86_64) AppleWebKit/538.1 (KHTML, like Gecko) PhantomJS/2.1.1 Safari/538.1" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "WordPress",
      "WordPress/6.4.2; https://blog.example.com" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(TOOL), "Scrapy",
      "Scrapy/2.11.0 (+https://scrapy.org)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(OTHER), "AhrefsBot",
      "Mozilla/5.0 (compatible; AhrefsBot/7.0; +http://ahrefs.com/robot/)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(OTHER), "SemrushBot",
      "Mozilla/5.0 (compatible; SemrushBot/7~bl; +http://www.semrush.com/bot.html)" },
    { D, OS(WINDOWS), BROWSER(CHROME), 99, BOT(OTHER), "shop-crawler",
      "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 (shop-crawler)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(OTHER), "Snooper",
      "Mozilla/5.0 (compatible; Snooper)" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(OTHER), "Snooper",
      "Mozilla/5.0 (compatible; Snooper; https://snooper.example/about)" },
    { D, OS(WINDOWS), BROWSER(FIREFOX), 78, BOT(OTHER), "me@example.org",
      "Mozilla/5.0 (Windows NT 10.0; rv:78.0) Gecko/20100101 Firefox/78.0 (contact: me@example.org)" },
    { D, OS(WINDOWS), BROWSER(FIREFOX), 78, BOT(OTHER), "pricewatch.example.com",
      "Mozilla/5.0 (Windows NT 10.0; rv:78.0) Gecko/20100101 Firefox/78.0 pricewatch.example.com" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(OTHER), "ExampleSpider", "ExampleSpider" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(OTHER), "GenericRobot", "GenericRobot 1.0" },
    { D, OS(UNKNOWN), BROWSER(UNKNOWN), 0, BOT(OTHER), "xyz", "xyz" },
};

TEST(agents)
{
    for (size_t i = 0; i < COUNT(agents); i++) {
        ROW("%s", agents[i].text);
        edgefn_ua ua = edgefn_ua_parse(guard_copy(agents[i].text, strlen(agents[i].text)));
        CHECK_NUM(ua.device, agents[i].device);
        CHECK_NUM(ua.os, agents[i].os);
        CHECK_NUM(ua.browser, agents[i].browser);
        CHECK_NUM(ua.major, agents[i].major);
        CHECK_NUM(ua.bot, agents[i].bot);
        CHECK_STR(ua.bot_name, agents[i].name);
    }
}

/* The result does not depend on case, except for the case of the name; domains are reported in
   lower case. */
TEST(case_does_not_matter)
{
    char text[300];
    for (size_t i = 0; i < COUNT(agents); i++) {
        size_t n = strlen(agents[i].text);
        for (size_t k = 0; k < n; k++)
            text[k] = (char)(agents[i].text[k]
                             | (agents[i].text[k] >= 'A' && agents[i].text[k] <= 'Z' ? 32 : 0));
        ROW("%s", agents[i].text);
        edgefn_ua ua = edgefn_ua_parse(guard_copy(text, n));
        CHECK(ua.device == agents[i].device && ua.os == agents[i].os
              && ua.browser == agents[i].browser && ua.bot == agents[i].bot);
    }
}

TEST(empty_is_a_desktop)
{
    static const char *const texts[] = { "", " ", "/", "()", "\x80\xff\xfe", ";;;" };
    edgefn_ua ua = edgefn_ua_parse(EDGEFN_ABSENT);
    CHECK(ua.device == D && ua.os == 0 && ua.browser == 0 && ua.major == 0
          && ua.bot == EDGEFN_BOT_NONE && ua.bot_name.ptr == NULL);
    ua = edgefn_ua_parse((edgefn_str){ NULL, 5 });
    CHECK(ua.device == D && ua.bot == EDGEFN_BOT_NONE);
    for (size_t i = 0; i < COUNT(texts); i++) {
        ROW("%zu: %s", i, texts[i]);
        ua = edgefn_ua_parse(S(""));
        if (i > 0) ua = edgefn_ua_parse(guard_copy(texts[i], strlen(texts[i])));
        CHECK(ua.device == D && ua.os == 0 && ua.browser == 0 && ua.major == 0);
        CHECK_NUM(ua.bot, i == 0 ? EDGEFN_BOT_NONE : EDGEFN_BOT_OTHER);
        CHECK(ua.bot_name.ptr == NULL);
    }
}

/* Words count only as whole words. */
TEST(words)
{
    static const struct {
        const char *text;
        uint32_t device;
        edgefn_bot bot;
    } rows[] = {
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 Abbot1",
          D, BOT(NONE) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 Mybot",
          D, BOT(OTHER) },
        { "Mozilla/5.0 (Linux; Android 11; 43AB) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36",
          V | A, BOT(NONE) },
        { "Mozilla/5.0 (Linux; Android 11; 43A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36",
          T | A, BOT(NONE) },
        { "Mozilla/5.0 (Linux; Android 11; 44AB) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36",
          T | A, BOT(NONE) },
        { "Mozilla/5.0 (Linux; Android 11; 433AB) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36",
          T | A, BOT(NONE) },
        { "Mozilla/5.0 (Windows NT 10.0; 43ABC; LaunchPad; SoapBox) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36",
          D, BOT(NONE) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 a@b",
          D, BOT(NONE) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 a@1.2",
          D, BOT(NONE) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 a@b.de",
          D, BOT(OTHER) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 a@1b.de",
          D, BOT(NONE) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 a@b.2c",
          D, BOT(NONE) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 com.example.app",
          D, BOT(NONE) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 example.com",
          D, BOT(OTHER) },
        { "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36 www.example",
          D, BOT(OTHER) },
        { "Mozilla/4.0 (compatible; MSIE 7.0; Windows NT 6.0; .NET CLR 3.5)", D, BOT(NONE) },
        { "Java; Android", M | A, BOT(TOOL) },
        { "Radio/2 (Java; Android)", M | A, BOT(NONE) },
        { "Radio/2 (Java)", D, BOT(TOOL) },
        { "WhatsApp/2.11 Android/4.1 Device/X", M | A, BOT(NONE) },
        { "Chrome", D, BOT(NONE) },
        { "Mozilla/5.0", D, BOT(OTHER) },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        edgefn_ua ua = edgefn_ua_parse(guard_copy(rows[i].text, strlen(rows[i].text)));
        CHECK_NUM(ua.device, rows[i].device);
        CHECK_NUM(ua.bot, rows[i].bot);
    }
}

TEST(numbers)
{
    static const struct {
        const char *text;
        uint32_t major;
    } rows[] = {
        { "Chrome/1", 1 },
        { "Chrome/", 0 },
        { "Chrome", 0 },
        { "Chrome/x", 0 },
        { "Chrome/99999.1", 99999 },
        { "Chrome/4294967296999", 429496 },
        { "Chrome/1000001", 100000 },
        { "Chrome/-1", 0 },
        { "Chrome//7", 0 },
        { "MSIE 9.0", 9 },
        { "MSIE  9.0", 0 },
        { "Version/12 Safari/600", 12 },
        { "Safari/600", 0 },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        CHECK_NUM(edgefn_ua_parse(guard_copy(rows[i].text, strlen(rows[i].text))).major,
                  rows[i].major);
    }
}

/* Every prefix of every text, before and after an unreadable page, and every byte replaced. The
   name must always be part of the text. */
TEST(beginnings)
{
    for (size_t i = 0; i < COUNT(agents); i++) {
        size_t n = strlen(agents[i].text);
        bool held = true;
        ROW("%s", agents[i].text);
        for (size_t k = 0; k <= n && held; k++) {
            edgefn_str end = guard_copy(agents[i].text, k),
                       front = guard_copy_front(agents[i].text + n - k, k);
            edgefn_ua a = edgefn_ua_parse(end), b = edgefn_ua_parse(front);
            held &= CHECK((a.device & 15) != 0 && (b.device & 15) != 0);
            held &= CHECK(a.bot_name.ptr == NULL
                          || (a.bot_name.ptr >= end.ptr
                              && a.bot_name.ptr + a.bot_name.len <= end.ptr + end.len
                              && a.bot_name.len > 0));
            held &= CHECK((a.bot != EDGEFN_BOT_NONE || a.bot_name.ptr == NULL)
                          && (b.bot != EDGEFN_BOT_NONE || b.bot_name.ptr == NULL));
        }
    }
}

/* 100 KB of text that would expose quadratic time: each takes a few milliseconds, with
   sanitizers less than a second. */
TEST(long_texts)
{
    static const char *const parts[] = { "a ",           "s",
                                         "sss ",         "a@",
                                         "a@b-",         "a@b.",
                                         "Mozilla/",     "AppleWebKit/537.36 (KHTML, like Gecko) ",
                                         "b.com.",       "43AB ",
                                         "-_.",          "1",
                                         "1a",           "bot",
                                         "bot ",         "http://",
                                         "compatible; ", "Googlebo",
                                         "samsungbr",    "\xff",
                                         "\\\"",         "like Gecko; compatible; ",
                                         "x-tv/",        "32GB " };
    char *text = (char *)malloc(100000);
    for (size_t i = 0; i < COUNT(parts); i++) {
        size_t n = strlen(parts[i]);
        ROW("%s", parts[i]);
        for (size_t k = 0; k < 100000; k++)
            text[k] = parts[i][k % n];
        edgefn_ua ua = edgefn_ua_parse(guard_copy(text, 100000));
        CHECK((ua.device & 15) != 0);
        memcpy(text + 100000 - 11, " Googlebot ", 11); /* nothing is truncated */
        CHECK_NUM(edgefn_ua_parse(guard_copy(text, 100000)).bot, EDGEFN_BOT_SEARCH);
    }
    memset(text, 0, 100000);
    CHECK_NUM(edgefn_ua_parse(guard_copy(text, 100000)).device, D);
    free(text);
}

TEST(device_name)
{
    static const struct {
        uint32_t device;
        const char *name;
    } rows[] = {
        { 0, "desktop" },         { D, "desktop" },        { M, "mobile" },
        { T, "tablet" },          { M | T | A, "tablet" }, { V, "tv" },
        { V | M | T | D, "tv" },  { M | D, "mobile" },     { I, "desktop" },
        { I | A | D, "desktop" }, { M | I, "mobile" },     { UINT32_MAX, "tv" },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%u", rows[i].device);
        CHECK_STR(edgefn_device_name(rows[i].device), rows[i].name);
    }
}

/*--- events -----------------------------------------------------------------------------------------------------------*/

#define PHONE                                                                                      \
  "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Mobile Safari/537.36\n"
#define NO_MODEL                                                                                   \
  "User-Agent: Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\n"
#define PC                                                                                         \
  "User-Agent: Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\n"
#define TELLY                                                                                      \
  "User-Agent: Mozilla/5.0 (Linux; Android 9; BRAVIA 4K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36\n"
#define ORIGIN "User-Agent: Amazon CloudFront\n"

/* An event of that type with these headers, one "Name: value" per line; in values, ' stands for
   the quotation mark. */
static edgefn_str with_headers(const char *text, const char *lines)
{
    static char json[6000];
    bool functions = strncmp(text, "{'version'", 10) == 0;
    size_t n = (size_t)snprintf(json, sizeof json, "{'method':'GET','uri':'/','headers':{");
    for (const char *next = lines; *next;) {
        const char *colon = strchr(next, ':'), *end = strchr(next, '\n');
        n += (size_t)snprintf(json + n, sizeof json - n, "%s'", next == lines ? "" : ",");
        for (const char *p = next; p < colon; p++)
            json[n++] = (char)(*p >= 'A' && *p <= 'Z' ? *p + 32 : *p);
        n += (size_t)snprintf(json + n, sizeof json - n,
                              functions ? "':{'value':'" : "':[{'value':'");
        for (const char *p = colon + 2; p < end; p++) {
            if (*p == '\'' || *p == '`') json[n++] = '`';
            json[n++] = *p;
        }
        n += (size_t)snprintf(json + n, sizeof json - n, functions ? "'}" : "'}]");
        next = end + 1;
    }
    snprintf(json + n, sizeof json - n, "}}");
    return frame(text, json, NULL);
}
#define L_ORES_REQUEST L_HEAD("origin-response") "'request':@,'response':{'status':'200'}}}]}"
#define L_VRES_REQUEST L_HEAD("viewer-response") "'request':@,'response':{'status':'200'}}}]}"
#define F_VRES_REQUEST F_HEAD("viewer-response") "'request':@,'response':{'statusCode':200}}"

/* believed: the result where CloudFront's own headers are trusted; otherwise: the result in
   Lambda@Edge viewer events. */
static const struct {
    const char *headers;
    uint32_t believed, otherwise;
} evidence[] = {
    { "", D, D },
    { PHONE, M | A, M | A },
    { NO_MODEL, T | A, T | A },
    /* client hints */
    { PC "Sec-CH-UA-Mobile: ?1\n", M, M },
    { PC "Sec-CH-UA-Mobile:  ?1 \n", M, M },
    { PC "Sec-CH-UA-Mobile: 1\n", D, D },
    /* parameters are allowed after every item: RFC 8941 section 3.3 */
    { PC "Sec-CH-UA-Mobile: ?1;x\n", M, M },
    { PC "Sec-CH-UA-Mobile: ?1;a=1\n", M, M },
    { PC "Sec-CH-UA-Mobile: ?1; a='x;y, z';b\n", M, M },
    { PHONE "Sec-CH-UA-Mobile: ?0;a=1\n", T | A, T | A },
    { PC "Sec-CH-UA-Mobile: ?1 x\n", D, D },
    { PC "Sec-CH-UA-Mobile: ?1x\n", D, D },
    { PC "Sec-CH-UA-Mobile: ?2\n", D, D },
    { PC "Sec-CH-UA-Mobile: ?\n", D, D },
    { NO_MODEL "Sec-CH-UA-Form-Factors: 'Desktop';x='Tablet'\n", D | A, D | A },
    { NO_MODEL "Sec-CH-UA-Form-Factors: Tablet, ('Tablet' 'x'), 1.5, 'Desktop'\n", D | A, D | A },
    { PHONE "Sec-CH-UA-Mobile: ?0\n", T | A, T | A },
    { PHONE "Sec-CH-UA-Mobile: ?0\nSec-CH-UA-Platform: 'Windows'\n", D, D },
    { PHONE "Sec-CH-UA-Mobile: ?0\nSec-CH-UA-Platform: 'Chrome OS'\n", D, D },
    { PC "Sec-CH-UA-Mobile: ?0\nSec-CH-UA-Platform: 'Android'\n", T | A, T | A },
    { PC "Sec-CH-UA-Mobile: ?1\nSec-CH-UA-Platform: 'Android'\n", M | A, M | A },
    { PC "Sec-CH-UA-Platform: Android\n", D, D },
    { PC "Sec-CH-UA-Platform: 'Fuchsia'\n", D, D },
    { PHONE "Sec-CH-UA-Platform: 'Unknown'\n", M | A, M | A },
    { NO_MODEL "Sec-CH-UA-Form-Factors: 'Tablet'\n", T | A, T | A },
    { NO_MODEL "Sec-CH-UA-Form-Factors: 'Mobile'\n", M | A, M | A },
    { NO_MODEL "Sec-CH-UA-Form-Factors: 'Desktop', 'Tablet'\n", T | D | A, T | D | A },
    { NO_MODEL "Sec-CH-UA-Form-Factors: 'EInk','Tablet'\n", T | A, T | A },
    { NO_MODEL "Sec-CH-UA-Form-Factors: 'XR'\n", T | A, T | A },
    { PHONE "Sec-CH-UA-Form-Factors: 'Tablet'\nSec-CH-UA-Mobile: ?0\n", T | A, T | A },
    { PHONE "Sec-CH-UA-Form-Factors: 'Tablet\n", M | A, M | A },
    { PHONE "Sec-CH-UA-Form-Factors: 'x`'', 'Tablet'\n", T | A, T | A },
    { TELLY "Sec-CH-UA-Mobile: ?0\n", V | A, V | A },
    { TELLY "Sec-CH-UA-Mobile: ?1\n", V | A, V | A },
    /* CloudFront's headers */
    { ORIGIN, D, D },
    { ORIGIN "CloudFront-Is-Mobile-Viewer: true\nCloudFront-Is-Desktop-Viewer: false\n", M, D },
    { ORIGIN
      "CloudFront-Is-Mobile-Viewer: true\nCloudFront-Is-Tablet-Viewer: true\nCloudFront-Is-Android-Viewer: true\n",
      M | T | A, D },
    { ORIGIN "CloudFront-Is-Tablet-Viewer: true\nCloudFront-Is-IOS-Viewer: true\n", T | I, D },
    { ORIGIN "CloudFront-Is-SmartTV-Viewer: true\n", V, D },
    { PHONE "CloudFront-Is-Desktop-Viewer: true\n", D | A, M | A },
    { PHONE "CloudFront-Is-Desktop-Viewer: true\nCloudFront-Is-Android-Viewer: false\n", D, M | A },
    { PHONE "CloudFront-Is-Desktop-Viewer: TRUE\n", M | A, M | A },
    { PHONE
      "CloudFront-Is-Mobile-Viewer: false\nCloudFront-Is-Tablet-Viewer: false\nCloudFront-Is-Desktop-Viewer: false\n",
      M | A, M | A },
    /* client hints take precedence over CloudFront's headers */
    { PC
      "Sec-CH-UA-Mobile: ?0\nSec-CH-UA-Platform: 'Android'\nCloudFront-Is-Desktop-Viewer: true\n",
      T | A, T | A },
    { PC "Sec-CH-UA-Mobile: ?1\nCloudFront-Is-Desktop-Viewer: true\n", M, M },
    { PC "Sec-CH-UA-Mobile: ?0\nCloudFront-Is-SmartTV-Viewer: true\n", V, D },
};

TEST(evidence)
{
    static const struct {
        const char *frame;
        bool believed;
    } frames[] = {
        { L_VREQ, false },         { L_OREQ, true }, { L_ORES_REQUEST, true },
        { L_VRES_REQUEST, false }, { F_VREQ, true }, { F_VRES_REQUEST, true },
    };
    for (size_t i = 0; i < COUNT(evidence); i++) {
        for (size_t k = 0; k < COUNT(frames); k++) {
            edgefn_event ev;
            ROW("event %zu: %s", k, evidence[i].headers);
            if (!OPEN(&ev, with_headers(frames[k].frame, evidence[i].headers))) return;
            CHECK_NUM(edgefn_ua_of(&ev).device,
                      frames[k].believed ? evidence[i].believed : evidence[i].otherwise);
            CHECK(ev.err.code == EDGEFN_OK);
        }
    }
}

TEST(brands)
{
    static const struct {
        const char *headers;
        edgefn_browser browser;
        uint32_t major;
        edgefn_os os;
        edgefn_bot bot;
    } rows[] = {
        { PC "Sec-CH-UA: 'Chromium';v='124', 'Google Chrome';v='123', 'Not-A.Brand';v='99'\n",
          BROWSER(CHROME), 124, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium';v='110', 'Not A(Brand';v='24', 'Microsoft Edge';v='111'\n",
          BROWSER(EDGE), 111, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'Microsoft Edge';v='111','Chromium';v='110'\n", BROWSER(EDGE), 111,
          OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'Not`'A;Brand';v='8', 'Brave';v='112'\n", BROWSER(BRAVE), 112, OS(WINDOWS),
          BOT(NONE) },
        { PC "Sec-CH-UA: 'Opera';v='97', 'Chromium';v='111'\n", BROWSER(OPERA), 97, OS(WINDOWS),
          BOT(NONE) },
        { PC "Sec-CH-UA: 'Opera GX';v='97'\n", BROWSER(OPERA), 97, OS(WINDOWS), BOT(NONE) },
        { PHONE "Sec-CH-UA: 'Samsung Internet';v='20.0'\n", BROWSER(SAMSUNG), 20, OS(ANDROID),
          BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium';v='110', 'YaBrowser';v='23'\n", BROWSER(YANDEX), 23,
          OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'Whale';v='3', 'Chromium';v='116'\n", BROWSER(WHALE), 3, OS(WINDOWS),
          BOT(NONE) },
        { PC "Sec-CH-UA: 'Amazon Silk';v='5'\n", BROWSER(SILK), 5, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'HeadlessChrome';v='119', 'Chromium';v='119'\n", BROWSER(CHROME), 119,
          OS(WINDOWS), BOT(TOOL) },
        { PC "Sec-CH-UA: 'Something';v='1'\n", BROWSER(CHROME), 120, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium';x='1';v='124'\n", BROWSER(CHROME), 124, OS(WINDOWS),
          BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium';x=1; y;z=?1;v='124';w='9'\n", BROWSER(CHROME), 124, OS(WINDOWS),
          BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium';v='1';v='124'\n", BROWSER(CHROME), 124, OS(WINDOWS),
          BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium';v=124\n", BROWSER(CHROME), 0, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium';x=',';v='124', 'Opera';w='8,9;v=1';v='97'\n", BROWSER(OPERA),
          97, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium'\n", BROWSER(CHROME), 0, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: 'Chromium';v='\n", BROWSER(CHROME), 0, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA: ,,,;;;'\n", BROWSER(CHROME), 120, OS(WINDOWS), BOT(NONE) },
        { PC "Sec-CH-UA-Platform: 'macOS'\n", BROWSER(CHROME), 120, OS(MACOS), BOT(NONE) },
        { PC "Sec-CH-UA-Platform: 'Linux'\n", BROWSER(CHROME), 120, OS(LINUX), BOT(NONE) },
        { PC "Sec-CH-UA-Platform: 'Chromium OS'\n", BROWSER(CHROME), 120, OS(CHROMEOS), BOT(NONE) },
        { PC "Sec-CH-UA-Platform: 'iOS'\n", BROWSER(CHROME), 120, OS(IOS), BOT(NONE) },
        { "User-Agent: GPTBot/1.0\n", BROWSER(UNKNOWN), 0, OS(UNKNOWN), BOT(AI) },
        { "User-Agent: Amazon CloudFront\n", BROWSER(UNKNOWN), 0, OS(UNKNOWN),
          BOT(TOOL) }, /* a viewer event: a tool fetches through CloudFront */
    };
    edgefn_event ev;
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].headers);
        if (!OPEN(&ev, with_headers(i % 2 ? L_VREQ : F_VREQ, rows[i].headers))) return;
        edgefn_ua ua = edgefn_ua_of(&ev);
        CHECK_NUM(ua.browser, rows[i].browser);
        CHECK_NUM(ua.major, rows[i].major);
        CHECK_NUM(ua.os, rows[i].os);
        CHECK_NUM(ua.bot, rows[i].bot);
    }
    ROW("two headers of one name are one list");
    if (OPEN(
            &ev,
            frame(
                L_VREQ,
                "{'method':'GET','uri':'/','headers':{'sec-ch-ua':[{'value':'`'Chromium`';v=`'124`''},{'value':''},{'value':'`'Microsoft Edge`';v=`'125`''}]}}",
                NULL))) {
        CHECK(edgefn_ua_of(&ev).browser == EDGEFN_BROWSER_EDGE && edgefn_ua_of(&ev).major == 125);
    }
    ROW("CloudFront's own user agent in origin events");
    if (OPEN(&ev, with_headers(L_OREQ, ORIGIN)))
        CHECK(edgefn_ua_of(&ev).bot == EDGEFN_BOT_NONE && edgefn_ua_of(&ev).device == D);
}

/* Evidence next to what makes it none. */
TEST(words_beside_others)
{
#define BROWSER_ON(system)                                                                         \
  "Mozilla/5.0 (" system ") AppleWebKit/537.36 (KHTML, like Gecko) Chrome/99.0 Safari/537.36"
    static const struct {
        const char *text;
        uint32_t device;
        edgefn_bot bot;
    } rows[] = {
        { BROWSER_ON("Windows NT 10.0") " a@b.-x", D, BOT(NONE) },
        { BROWSER_ON("Windows NT 10.0") " a@b.c", D, BOT(OTHER) },
        { BROWSER_ON("Linux; Android 11; Zidoo X9"), V | A, BOT(NONE) },
        { BROWSER_ON("Linux; Android 11; Zidoo-X9"), T | A, BOT(NONE) },
        { "Adr aiohttp", M | A, BOT(NONE) }, /* an app on a phone may use the library of a tool */
        { "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; Name/1.0) Chrome/99.0 Safari/537.36",
          D, BOT(OTHER) },
        { "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible;Name/1.0) Chrome/99.0 Safari/537.36",
          D, BOT(NONE) },
        { "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; /1.0) Chrome/99.0 Safari/537.36",
          D, BOT(NONE) },
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        ROW("%s", rows[i].text);
        edgefn_ua ua = edgefn_ua_parse(guard_copy(rows[i].text, strlen(rows[i].text)));
        CHECK_NUM(ua.device, rows[i].device);
        CHECK_NUM(ua.bot, rows[i].bot);
    }
}

/* Of two brands of tools the first one is the name. */
TEST(brands_of_tools)
{
    edgefn_event ev;
    if (!OPEN(&ev,
              with_headers(L_VREQ, PC "Sec-CH-UA: 'HeadlessChrome';v='119', 'PhantomJS';v='2'\n")))
        return;
    CHECK_NUM(edgefn_ua_of(&ev).bot, EDGEFN_BOT_TOOL);
    CHECK_STR(edgefn_ua_of(&ev).bot_name, "HeadlessChrome");
}
