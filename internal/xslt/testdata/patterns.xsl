<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output indent="no"/>
  <xsl:template match="/"><r><xsl:apply-templates/></r></xsl:template>
  <xsl:template match="book/title"><book-title/></xsl:template>
  <xsl:template match="chapter//section/title"><section-title><xsl:value-of select="."/></section-title></xsl:template>
  <xsl:template match="/book/chapter/title"><chapter-title/></xsl:template>
  <xsl:template match="para[em]"><with-em/></xsl:template>
  <xsl:template match="comment()"><comment/></xsl:template>
  <xsl:template match="processing-instruction('page')"><page/></xsl:template>
  <xsl:template match="section[2]"><second><xsl:apply-templates/></second></xsl:template>
  <xsl:template match="note[last()]"><last-note/></xsl:template>
  <xsl:template match="text()"/>
</xsl:stylesheet>
