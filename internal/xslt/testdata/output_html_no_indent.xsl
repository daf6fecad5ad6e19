<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="html" encoding="UTF-8" indent="no" doctype-public="-//W3C//DTD HTML 4.01//EN" doctype-system="http://www.w3.org/TR/html4/strict.dtd"/>
  <xsl:template match="/"><html><head><title>T</title></head><body><div><p>a<br/>b</p><ul><li>1</li><li>2</li></ul><img src="a.png" alt=""/></div></body></html></xsl:template>
</xsl:stylesheet>
