import java.io.PrintStream;
import java.text.SimpleDateFormat;
import java.util.*;

/**
 * Writes java.tsv: what java.text.SimpleDateFormat makes of patterns and texts.
 *
 *   java -Djava.locale.providers=CLDR Vectors.java > java.tsv
 *
 * Columns: format, pattern, zone, milliseconds, text; or parse, pattern, zone,
 * text, milliseconds; or strict, which is parse with setLenient(false). A dash
 * stands for an error.
 */
public class Vectors {
    static final PrintStream out = new PrintStream(System.out, false, java.nio.charset.StandardCharsets.UTF_8);
    static final String[] ZONES = {"UTC", "America/New_York", "Europe/Berlin", "Australia/Sydney", "Asia/Tokyo", "GMT-03:30"};
    static final Random random = new Random(20240310);

    static SimpleDateFormat compile(String pattern, String zone, boolean lenient) {
        SimpleDateFormat f = new SimpleDateFormat(pattern, Locale.US);
        f.setTimeZone(TimeZone.getTimeZone(zone));
        f.setLenient(lenient);
        f.set2DigitYearStart(new Date(-757382400000L)); // 1 January 1946
        return f;
    }

    static String format(String pattern, String zone, long millis) {
        try {
            return compile(pattern, zone, true).format(new Date(millis));
        } catch (IllegalArgumentException e) {
            return "-";
        }
    }

    static void showFormat(String pattern, String zone, long millis) {
        out.println(String.join("\t", "format", pattern, zone, "" + millis, format(pattern, zone, millis)));
    }

    static void showParse(String pattern, String zone, String text) {
        for (boolean lenient : new boolean[] {true, false}) {
            String result = "-";
            try {
                result = "" + compile(pattern, zone, lenient).parse(text).getTime();
            } catch (Exception e) {
            }
            out.println(String.join("\t", lenient ? "parse" : "strict", pattern, zone, text, result));
        }
    }

    static final String[] PATTERNS = {
        "yyyyMMdd", "yyyyMMddHHmm", "yyyyMMddHHmmss", "yyyyMMddHHmmss.SSS", "yyyyMMddHHmmss.SSSZ", "yyyyMMddHHmmssZ",
        "yyyy-MM-dd", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm:ss.SSSXXX", "yyyy-MM-dd HH:mm:ss z", "MM/dd/yyyy",
        "MM/dd/yy", "M/d/yy h:mm a", "M/d/yyyy hh:mm:ss a", "dd.MM.yyyy HH:mm", "dd-MMM-yyyy", "ddMMMyyyy", "MMM d, yyyy",
        "MMMM d, yyyy", "EEE, dd MMM yyyy HH:mm:ss Z", "EEEE d MMMM yyyy", "yyyyDDD", "yyyy-DDD", "YYYY-'W'ww-u", "YYYY-MM-dd",
        "yyyy ww E", "yyyy MM F E", "yyyy MM W E", "yyyy MM W u", "yyyy ww u", "YYYY ww u", "HH:mm", "hh:mm a", "KK:mm a", "kk:mm", "HHmmss",
        "yyMMdd", "yyMMddHHmm", "dd-MM-yy_HH-mm-ss.SS", "yyyy", "yyyyMM", "yy", "y", "yyyy G", "S", "H a", "K:m:s.S a", "X", "XX", "Z",
        "yyyy-MM-dd hh:mm", "yyyy-MM-dd HH:mm a", "D yyyy d", "d D yyyy", "E yyyy-MM-dd", "MM yyyy w", "W w yyyy MM E", "F W yyyy MM E",
        "LLL yyyy", "LL/yyyy", "yyyy''MM", "'Date: 'yyyy", "yyyy-MM-dd HH:mm:ssXX", "yyyyMMddHHmmX", "u", "E", "G yyyy", "w", "W", "F",
    };

    static long instant() {
        return 157766400000L + (long) (random.nextDouble() * 1956528000000L); // 1975 to 2037
    }

    static String spoil(String text) {
        StringBuilder b = new StringBuilder(text);
        for (int n = random.nextInt(3); n > 0 && b.length() > 0; n--) {
            int at = random.nextInt(b.length());
            switch (random.nextInt(6)) {
                case 0: b.deleteCharAt(at); break;
                case 1: b.insert(at, (char) ('0' + random.nextInt(10))); break;
                case 2: b.setCharAt(at, (char) ('0' + random.nextInt(10))); break;
                case 3: b.insert(at, " -+:."  .charAt(random.nextInt(5))); break;
                case 4: b.setLength(at); break;
                default: b.setCharAt(at, Character.toLowerCase(b.charAt(at)));
            }
        }
        return b.toString();
    }

    public static void main(String[] args) {
        String[][] cases = {
            {"yyyyMMdd", "20240230"}, {"yyyyMMdd", "202401011230"}, {"yyyyMMdd", "2024-01-01"}, {"yyyyMMdd", "20241332"},
            {"yyyyMMdd", "2024"}, {"yyyyMMdd", "202401"}, {"yyyyMMdd", "2024010"}, {"yyyyMMdd", "00000000"}, {"yyyyMMdd", "00010101"},
            {"yyyyMMdd", "15000229"}, {"yyyyMMdd", "15821004"}, {"yyyyMMdd", "15821015"}, {"yyyyMMdd", "14920101"}, {"yyyyMMdd", "99991231"},
            {"yyyy-MM-dd", "2024-02-30"}, {"yyyy-MM-dd", "2024-1-3"}, {"yyyy-MM-dd", "2024- 1- 3"}, {"yyyy-MM-dd", " 2024-01-03"},
            {"yyyy-MM-dd", "2024-00-00"}, {"yyyy-MM-dd", "0000-00-00"}, {"yyyy-MM-dd", "2024/01/03"}, {"yyyy-MM-dd", "x"}, {"yyyy-MM-dd", ""},
            {"yyyy-MM-dd", "2024-02-29xyz"}, {"yyyy-MM-dd", "2024--2-29"}, {"yyyy-MM-dd", "-5-01-01"},
            {"HH:mm", "24:00"}, {"HH:mm", "-1:30"}, {"HH:mm", "99:99"}, {"HH", "100000"}, {"kk", "24"}, {"kk", "0"}, {"kk", "25"},
            {"hh a", "12 AM"}, {"hh a", "12 PM"}, {"hh a", "0 AM"}, {"hh a", "13 pm"}, {"KK a", "12 PM"}, {"HH:mm a", "12:30 AM"}, {"h a", "1   pm"},
            {"yyyy-MM-dd HH:mm", "2024-03-10 01:59"}, {"yyyy-MM-dd HH:mm", "2024-03-10 02:30"}, {"yyyy-MM-dd HH:mm", "2024-03-10 03:00"},
            {"yyyy-MM-dd HH:mm", "2024-11-03 00:59"}, {"yyyy-MM-dd HH:mm", "2024-11-03 01:30"}, {"yyyy-MM-dd HH:mm", "2024-11-03 02:00"},
            {"yyyy-MM-dd HH:mm", "2024-03-31 02:30"}, {"yyyy-MM-dd HH:mm", "2024-10-27 02:30"}, {"yyyy-MM-dd HH:mm", "2024-10-06 02:30"}, {"yyyy-MM-dd HH:mm", "2024-04-07 02:30"},
            {"S", "5"}, {"ss.SSS", "1.5"}, {"ss.S", "1.123456"}, {"ss.SSS", "1.-5"}, {"S", "99999999999"}, {"S", "99999999999999999999999"}, {"S", "-99999999999"},
            {"yy", "99"}, {"yy", "45"}, {"yy", "46"}, {"yy", "1999"}, {"yy", "9"}, {"yy", "-1"}, {"y", "24"}, {"yyy", "24"}, {"yyMMdd", "451231"}, {"yyMMdd", "460101"}, {"yy-MM-dd", "46-01-01"}, {"yy-MM-dd", "46-00-01"},
            {"MMM", "jan"}, {"MMM", "JANUARY"}, {"MMMM", "Feb"}, {"MMM", "Sept"}, {"MMM", " Jan"}, {"MMM", "1"}, {"MMM", "Ja"}, {"dMMM", "12JAN"}, {"ddMMMyyyy", "1JAN2024"},
            {"E", "Tues"}, {"EEE", "monday"}, {"E", "Mo"}, {"G", "ad"}, {"yyyy G", "44 BC"}, {"yyyy G", "44 Before Christ"}, {"yyyy G", "0 AD"},
            {"X", "Z"}, {"X", "z"}, {"X", "+05"}, {"X", "+0530"}, {"X", "+5"}, {"XX", "+05"}, {"XX", "+0530"}, {"XX", "-0000"}, {"XXX", "+05:30"}, {"XXX", "+0530"}, {"XXX", "+24:00"}, {"X", "05"},
            {"Z", "+0530"}, {"Z", "-0060"}, {"Z", "+05:30"}, {"Z", "Z"}, {"Z", "UTC"}, {"Z", "GMT"}, {"Z", "+530"}, {"z", "GMT+5:30"}, {"z", "GMT-05:30"}, {"z", "GMT+0530"}, {"z", "gmt"}, {"z", "GMT+"}, {"z", "utc"}, {"z", "est"}, {"z", "EDT"}, {"z", "Eastern Standard Time"}, {"z", "CEST"}, {"z", "QQQ"},
            {"YYYY-MM-dd", "2024-03-10"}, {"YYYY yyyy", "2023 2024"}, {"yyyy YYYY", "2024 2023"}, {"YYYY ww u", "2024 10 9"}, {"YYYY ww u", "2024 10 0"}, {"YYYY ww u", "2024 10 14"}, {"YYYY ww u", "2024 10 -3"}, {"YYYY ww u", "2024 10 8"}, {"YYYY ww", "2024 60"},
            {"yyyy DDD", "2024 366"}, {"yyyy DDD", "2023 366"}, {"yyyy MM F E", "2024 03 2 Tue"}, {"yyyy MM F E", "2024 03 -1 Tue"}, {"yyyy MM F E", "2024 03 5 Sat"}, {"yyyy MM W E", "2024 03 0 Tue"}, {"u", "9"}, {"yyyy E", "2024 Wed"},
            {"HHHH", "0005"}, {"'o''clock' HH", "o'clock 5"}, {"''yyyy", "'2024"}, {"'x'", "xyz"}, {"", ""}, {"''", "x"}, {"yyyyMMdd HHmm", "20240101 1230"}, {"yyyyMMddHHmm", "20240101123"}, {"HHa", "1PM"}, {"hha", "11PM"}, {"yyyyMMddZ", "20240101-0500"},
            {"b", "x"}, {"XXXX", "Z"}, {"'abc", "abc"}, {"yyyy-MM-ddThh", "x"}, {"yyyy'", "2024"},
        };
        for (String[] c : cases) {
            for (String zone : new String[] {"UTC", "America/New_York", "Europe/Berlin", "Australia/Sydney"}) {
                if (!zone.equals("America/New_York") && !(c[0].equals("yyyy-MM-dd HH:mm"))) continue;
                showParse(c[0], zone, c[1]);
            }
        }
        for (String p : new String[] {"G y yy yyy yyyyy", "Y YY YYYY", "w ww W D DDD F u uu", "E EEEE EEEEE a aa G GG", "L LL LLL LLLL M MM MMM MMMMM", "d dd k kk K KK h hh H HH m s S SS SSSSSS", "Z ZZZ X XX XXX", "z zzzz", "''yyyy'T'''HH", "'it''s' \u00e9 yyyy,[]#", "b", "n", "XXXX", "'", "a'b", "I", "y'y'y"}) {
            for (String zone : ZONES) {
                showFormat(p, zone, instant());
            }
        }
        for (long day : new long[] {-141428, -141396, -200000, -500000, -719529, -800000, 0, -1, 19722, 19723, 20087, 20088, 20089, 20452, 20453, 20819}) {
            showFormat("yyyy-MM-dd HH:mm:ss.SSS G D F E u", "UTC", day * 86400000L + 3600001);
            if (day >= -1) showFormat("YYYY w W", "UTC", day * 86400000L);
        }
        for (String p : PATTERNS) {
            for (int i = 0; i < 8; i++) {
                String zone = ZONES[random.nextInt(ZONES.length)];
                long t = instant();
                showFormat(p, zone, t);
                showParse(p, zone, spoil(format(p, zone, t)));
            }
        }
        out.flush();
    }
}
